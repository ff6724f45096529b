-- People. What belongs to a member of the workspace goes with them; contacts are found by what one remembers of them; who was joined with another
-- can be parted again; and addresses that are several things at once are known.

-- A member who leaves is in no team, has no access and no other address. Conversations keep the name of who had them.
alter table team_member add constraint team_member_is_a_member foreign key (workspace_id, user_id) references membership (workspace_id, user_id) on delete cascade;
alter table inbox_access add constraint inbox_access_is_a_members foreign key (workspace_id, user_id) references membership (workspace_id, user_id) on delete cascade;
alter table agent_address add constraint agent_address_is_a_members foreign key (workspace_id, user_id) references membership (workspace_id, user_id) on delete cascade;
alter table inbox add constraint inbox_default_assignee_is_a_member
  foreign key (workspace_id, default_assignee) references membership (workspace_id, user_id) on delete set null (default_assignee);
alter table inbox add constraint inbox_default_team_is_a_team
  foreign key (workspace_id, default_team) references team on delete set null (default_team);
create index agent_address_of_user on agent_address (workspace_id, user_id);

create extension if not exists pg_trgm;

-- A column of its own, because an expression that is not leak-proof is no reason for an index behind row-level security.
alter table contact_address add column domain text not null generated always as (split_part(address, '@', -1)) stored;
create index contact_address_of_domain on contact_address (workspace_id, domain text_pattern_ops, contact_id);
create index contact_address_beginning on contact_address (workspace_id, address text_pattern_ops);
create index contact_address_anywhere on contact_address using gin (address gin_trgm_ops);
create index contact_name_beginning on contact (workspace_id, lower(name) text_pattern_ops) where merged_into is null;
create index contact_words_anywhere on contact using gin (lower(name || ' ' || company) gin_trgm_ops) where merged_into is null;
create index contact_newest on contact (workspace_id, id desc) where merged_into is null;

-- Contacts whose name, company or address fits, best first: whole address, its beginning, the beginning of a name, the domain, and what stands anywhere.
-- Run by its owner, because LIKE is not leak-proof and would find no index behind row-level security; the workspace of the transaction still holds.
-- What stands anywhere is looked for only while there is room, and among at most some ten thousand that have the letters: the answer stays quick at
-- a million, and whoever gets too many writes more.
create function find_contacts(in_workspace uuid, wanted text, at_most int) returns table (contact_id uuid, rank int)
  language plpgsql stable security definer
  set search_path = public, pg_temp
  set plan_cache_mode = force_custom_plan
  set gin_fuzzy_search_limit = 10000
as $$
declare
  whole text := lower(trim(wanted));
  plain text := replace(replace(replace(whole, '\', '\\'), '%', '\%'), '_', '\_');
  words text[] := regexp_split_to_array(plain, '\s+');
  mine  uuid := current_workspace();
  found int := 0;
  more  int;
begin
  if mine is not null and mine <> in_workspace or whole = '' then
    return;
  end if;
  return query
    select a.contact_id, 1 from contact_address a where a.workspace_id = in_workspace and a.address = whole;
  return query
    select a.contact_id, 2 from contact_address a
     where a.workspace_id = in_workspace and a.address like plain || '%' order by a.address limit at_most;
  get diagnostics found = row_count;
  return query
    select c.id, 3 from contact c
     where c.workspace_id = in_workspace and lower(c.name) like plain || '%' and c.merged_into is null
     order by lower(c.name) using ~<~ limit at_most;
  get diagnostics more = row_count;
  found := found + more;
  return query
    select a.contact_id, 4 from contact_address a
     where a.workspace_id = in_workspace and a.domain like ltrim(plain, '@') || '%' limit at_most;
  get diagnostics more = row_count;
  found := found + more;
  if length(whole) < 3 or found >= at_most then
    return;
  end if;
  return query
    select c.id, 5 from contact c
     where c.workspace_id = in_workspace and c.merged_into is null
       and lower(c.name || ' ' || c.company) like '%' || words[1] || '%'
       and lower(c.name || ' ' || c.company) like '%' || coalesce(words[2], '') || '%'
       and lower(c.name || ' ' || c.company) like '%' || coalesce(words[3], '') || '%'
     limit at_most;
  return query
    select a.contact_id, 6 from contact_address a
     where a.workspace_id = in_workspace and a.address like '%' || plain || '%' limit at_most;
end
$$;
revoke all on function find_contacts(uuid, text, int) from public;
grant execute on function find_contacts(uuid, text, int) to waybill_api;

-- Two contacts that turned out to be one person: what went over, so that it can go back.
create table contact_merge (
  workspace_id  uuid        not null,
  id            uuid        not null,
  contact_id    uuid        not null,                       -- who was joined …
  into_id       uuid        not null,                       -- … with whom
  addresses     text[]      not null,                       -- theirs, the primary one first
  conversations uuid[]      not null,                       -- those they asked in
  actor         text,
  merged_at     timestamptz not null,
  undone_at     timestamptz,
  primary key (workspace_id, id),
  foreign key (workspace_id, contact_id) references contact on delete cascade,
  foreign key (workspace_id, into_id) references contact on delete cascade
);
create unique index contact_is_merged_once on contact_merge (workspace_id, contact_id) where undone_at is null;
create index contact_merge_into on contact_merge (workspace_id, into_id, merged_at desc);
create index contact_merge_recent on contact_merge (merged_at) where undone_at is null;
call protect_workspace('contact_merge');

-- "I know, keep quiet": an address that is several things at once, and what it was when somebody said so. When it becomes one thing more, it is news again.
create table known_collision (
  workspace_id uuid        not null references workspace on delete cascade,
  address      text        not null,
  roles        text[]      not null,
  actor        text,
  noted_at     timestamptz not null,
  primary key (workspace_id, address)
);
call protect_workspace('known_collision');
