-- Finding conversations: lists in any order, counts, saved views, and search.

create extension if not exists pg_trgm;
-- Workspace and place stand in one index with words, so that one scan answers "these words, of this workspace, among the newest".
create extension if not exists btree_gin;

-- Lists. Each is a walk along an index in the order that is shown, from where the page before ended. What is rare has an index of its own, so that no
-- walk passes thousands of conversations to find one; what is common is found soon on any walk. Over labels, channels and priorities only the
-- exceptions are kept: most conversations are normal ones, by email, without a label.
create index conversation_unassigned on conversation (workspace_id, status, last_at desc, id desc) where deleted_at is null and assignee_id is null and status in ('open', 'pending');
create index conversation_labelled on conversation (workspace_id, label_id, last_at desc, id desc) where deleted_at is null and label_id is not null;
create index conversation_of_priority on conversation (workspace_id, status, priority, last_at desc, id desc) where deleted_at is null and priority <> 3;
create index conversation_of_channel on conversation (workspace_id, channel, status, last_at desc, id desc) where deleted_at is null and channel <> 'email';
create index conversation_with_files on conversation (workspace_id, status, last_at desc, id desc) where deleted_at is null and has_files;
create index conversation_due on conversation (workspace_id, due_at, id) where deleted_at is null and due_at is not null and status in ('open', 'pending');
create index conversation_asleep on conversation (workspace_id, snoozed_until, id) where deleted_at is null and snoozed_until is not null;
create index conversation_waiting_anywhere on conversation (workspace_id, waiting_since, id) where deleted_at is null and waiting_since is not null and status in ('open', 'pending');
create index conversation_numbered on conversation (workspace_id, status, number desc) where deleted_at is null;
create index conversation_item_notes on conversation_item (workspace_id, conversation_id) where kind = 'note' and hidden_at is null;
create index conversation_follower_of_user on conversation_follower (workspace_id, user_id, conversation_id);
drop index conversation_tags;
create index conversation_tags on conversation using gin (workspace_id, status, tags) where deleted_at is null and tags <> '{}';
create index conversation_fields on conversation using gin (workspace_id, status, fields jsonb_path_ops) where deleted_at is null and fields <> '{}';

-- Conversations with all of these tags and fields, unless they are more than so many: then whoever asks walks along the list, where they are not far
-- between. Run by the owner, because array and document operators are not leak-proof and would find no index behind row-level security; the
-- workspace of the transaction still holds.
create function conversations_marked(in_workspace uuid, of_statuses text[], in_inboxes uuid[], with_tags text[], with_fields jsonb, at_most int) returns table (conversation_id uuid)
  language plpgsql stable security definer
  set search_path = public, pg_temp
  set plan_cache_mode = force_custom_plan
as $$
declare
  mine uuid := current_workspace();
begin
  if mine is not null and mine <> in_workspace then
    return;
  end if;
  if with_tags is not null then
    return query
      select c.id from conversation as c
       where c.workspace_id = in_workspace and c.status = any (of_statuses) and c.deleted_at is null and c.tags <> '{}'
         and c.tags @> with_tags and (with_fields is null or c.fields @> with_fields) and (in_inboxes is null or c.inbox_id = any (in_inboxes))
       limit at_most;
  else
    return query
      select c.id from conversation as c
       where c.workspace_id = in_workspace and c.status = any (of_statuses) and c.deleted_at is null and c.fields <> '{}' and c.fields @> with_fields
         and (in_inboxes is null or c.inbox_id = any (in_inboxes))
       limit at_most;
  end if;
end
$$;
revoke all on function conversations_marked(uuid, text[], uuid[], text[], jsonb, int) from public;
grant execute on function conversations_marked(uuid, text[], uuid[], text[], jsonb, int) to waybill_api;

-- Counts know the team as well: its folder shows one.
alter table conversation_count add column team_id uuid;
create or replace function count_conversation() returns trigger
  language plpgsql as $$
declare
  before text := case when old is null then null when old.merged_into is not null then null when old.deleted_at is not null then 'deleted' when old.snoozed_until is not null then 'snoozed' else old.status end;
  after  text := case when new is null then null when new.merged_into is not null then null when new.deleted_at is not null then 'deleted' when new.snoozed_until is not null then 'snoozed' else new.status end;
begin
  if before is not distinct from after and old.inbox_id is not distinct from new.inbox_id and old.assignee_id is not distinct from new.assignee_id
     and old.team_id is not distinct from new.team_id then
    return null;
  end if;
  if before is not null then
    insert into conversation_count (workspace_id, inbox_id, status, assignee_id, team_id, n) values (old.workspace_id, old.inbox_id, before, old.assignee_id, old.team_id, -1);
  end if;
  if after is not null then
    insert into conversation_count (workspace_id, inbox_id, status, assignee_id, team_id, n) values (new.workspace_id, new.inbox_id, after, new.assignee_id, new.team_id, 1);
  end if;
  return null;
end
$$;
drop trigger conversation_is_counted on conversation;
create trigger conversation_is_counted after insert or delete or update of status, snoozed_until, deleted_at, merged_into, inbox_id, assignee_id, team_id on conversation
  for each row execute function count_conversation();

-- A question that is asked often: what to show and in which order. Without an owner it is everybody's.
create table saved_view (
  workspace_id uuid        not null references workspace on delete cascade,
  id           uuid        not null,
  user_id      uuid,
  name         text        not null constraint saved_view_name_has_1_to_100_characters check (length(name) between 1 and 100),
  filter       jsonb       not null constraint saved_view_filter_is_an_object check (jsonb_typeof(filter) = 'object'),
  sort         text        not null,
  position     int         not null,
  created_by   uuid,
  created_at   timestamptz not null,
  updated_at   timestamptz not null,
  primary key (workspace_id, id),
  foreign key (workspace_id, user_id) references membership (workspace_id, user_id) on delete cascade
);
create index saved_view_of_user on saved_view (workspace_id, user_id, position);
call protect_workspace('saved_view');

-- Search: the words of a conversation, one row for some twenty of its messages and notes. A word may stand in any of them, in the subject, among the
-- people or the tags. Rows are found by index alone and ordered by `place`, which grows with every message anywhere; a thousand places are a shelf,
-- and the newest shelves are looked through first, however much there is and however fast it came.
create sequence conversation_text_place;
grant usage on sequence conversation_text_place to waybill_api;
create table conversation_text (
  workspace_id    uuid     not null,
  conversation_id uuid     not null,
  segment         smallint not null,
  place           bigint   not null,
  shelf           int      not null generated always as (place / 1000) stored,
  items           int      not null,
  words           tsvector not null,
  primary key (workspace_id, conversation_id, segment),
  foreign key (workspace_id, conversation_id) references conversation on delete cascade
);
create index conversation_text_words on conversation_text using gin (workspace_id, shelf, words) with (gin_pending_list_limit = 1024);
create index conversation_text_newest on conversation_text (workspace_id, place desc);
call protect_workspace('conversation_text');

-- A text as it is searched: without accents and case, its parts divided by blanks, and languages that write without blanks cut into pairs of
-- characters. Questions go through the same function.
create function search_words(given text) returns text
  language plpgsql immutable parallel safe strict
as $$
declare
  plain text := given;
begin
  if octet_length(given) = length(given) then
    plain := lower(given);
  else
    plain := lower(normalize(regexp_replace(normalize(given, nfkd), '[\u0300-\u036f]+', '', 'g'), nfc) collate "und-x-icu");
    if plain ~ '[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]' then
      select string_agg(case when run[1] is not null then (select string_agg(substr(run[1], i, 2), ' ' order by i) from generate_series(1, length(run[1])) as i) else run[2] end, ' ' order by n)
        into plain
        from regexp_matches(plain, '([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+)|([^\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+)', 'g') with ordinality as found(run, n);
    end if;
  end if;
  -- What stands between words: the punctuation of ASCII and Latin-1, and of General Punctuation and CJK.
  return regexp_replace(plain, '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u2000-\u206f\u3000-\u303f]+', ' ', 'g');
end
$$;

-- What is asked for: every term must be there, a `-` before one means it must not, and one in quotation marks is taken as it is written. Else a word
-- is also found by its beginning; of two letters, only whole: too many begin so.
create function search_question(terms text[], exact boolean[], without boolean[]) returns tsquery
  language plpgsql immutable parallel safe
as $$
declare
  whole tsquery;
  one   tsquery;
  plain text;
  last  text;
begin
  for i in 1 .. coalesce(cardinality(terms), 0) loop
    plain := trim(search_words(terms[i]));
    -- The last single character of such a run is there to be found alone.
    if plain ~ '[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]{2} [\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]$' then
      plain := left(plain, -2);
    end if;
    one := phraseto_tsquery('simple', plain);
    if numnode(one) = 0 then
      continue;
    end if;
    last := substring(plain from '[^ ]+$');
    if not exact[i] and (length(last) >= 3 or last ~ '^[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]$') then
      one := (one::text || ':*')::tsquery;
    end if;
    if without[i] then
      one := !! one;
    end if;
    whole := case when whole is null then one else whole && one end;
  end loop;
  return whole;
end
$$;

-- The words of one item: who wrote to whom, what, with which files. The beginning of very long ones is enough to find them.
create function words_of_item(item conversation_item) returns tsvector
  language plpgsql stable
as $$
begin
  return to_tsvector('simple', search_words(left(concat_ws(' ', item.from_name, item.from_address, item.subject,
           (select string_agg(concat_ws(' ', person ->> 'name', person ->> 'address'), ' ') from jsonb_path_query(item.recipients, '$.*[*]') as person),
           (select string_agg(file.filename, ' ') from conversation_file as file where file.workspace_id = item.workspace_id and file.item_id = item.id),
           item.body_text, left(item.quoted_text, 4000)), 60000)));
end
$$;

create function words_of_head(head conversation) returns tsvector
  language plpgsql stable
as $$
begin
  return to_tsvector('simple', search_words(concat_ws(' ', head.number::text, head.subject, head.requester, array_to_string(head.tags, ' '))));
end
$$;

create aggregate words_joined(tsvector) (sfunc = tsvector_concat, stype = tsvector, initcond = '');

-- Writes the words of conversations anew, at the place they had.
create function write_conversation_text(in_workspace uuid, ids uuid[]) returns void
  language plpgsql
as $$
declare
  places jsonb;
begin
  with old as (
    delete from conversation_text as t where t.workspace_id = in_workspace and t.conversation_id = any (ids) returning t.conversation_id, t.place
  )
  select jsonb_object_agg(o.conversation_id, o.place) into places from (select old.conversation_id, max(old.place) as place from old group by old.conversation_id) as o;

  insert into conversation_text (workspace_id, conversation_id, segment, place, items, words)
  with item as (
    select i.conversation_id, ((row_number() over (partition by i.conversation_id order by i.id) - 1) / 20)::smallint as segment, i.id, words_of_item(i) as words
      from conversation_item as i
     where i.workspace_id = in_workspace and i.conversation_id = any (ids) and i.kind <> 'activity' and i.hidden_at is null
  ),
  said as (
    select item.conversation_id, item.segment, count(*) as items, words_joined(item.words order by item.id) as words from item group by item.conversation_id, item.segment
  )
  select in_workspace, c.id, coalesce(said.segment, 0::smallint), coalesce((places ->> c.id::text)::bigint, nextval('conversation_text_place')), coalesce(said.items, 0),
         words_of_head(c) || coalesce(said.words, ''::tsvector)
    from conversation as c
    left join said on said.conversation_id = c.id
   where c.workspace_id = in_workspace and c.id = any (ids)
   order by c.id, said.segment;
end
$$;

-- A new item: its words are added to the newest row of its conversation, which comes to the front.
create function text_of_new_item() returns trigger
  language plpgsql
as $$
declare
  newest record;
begin
  if new.kind = 'activity' or new.hidden_at is not null then
    return null;
  end if;
  select t.segment, t.items < 20 and length(t.words) < 4000 as has_room into newest
    from conversation_text as t
   where t.workspace_id = new.workspace_id and t.conversation_id = new.conversation_id
   order by t.segment desc limit 1;
  if newest.has_room then
    update conversation_text as t
       set words = t.words || words_of_item(new), items = t.items + 1, place = nextval('conversation_text_place')
     where t.workspace_id = new.workspace_id and t.conversation_id = new.conversation_id and t.segment = newest.segment;
  else
    insert into conversation_text (workspace_id, conversation_id, segment, place, items, words)
    select c.workspace_id, c.id, coalesce(newest.segment + 1, 0), nextval('conversation_text_place'), 1, words_of_head(c) || words_of_item(new)
      from conversation as c
     where c.workspace_id = new.workspace_id and c.id = new.conversation_id;
  end if;
  return null;
end
$$;
create trigger conversation_item_is_searched after insert on conversation_item for each row execute function text_of_new_item();

-- Files that come after their item.
create function text_of_new_files() returns trigger
  language plpgsql
as $$
begin
  update conversation_text as t
     set words = t.words || to_tsvector('simple', named.names)
    from (select i.workspace_id, i.conversation_id, string_agg(search_words(added.filename), ' ') as names
            from added
            join conversation_item as i on i.workspace_id = added.workspace_id and i.id = added.item_id
           where i.kind <> 'activity' and i.hidden_at is null
           group by i.workspace_id, i.conversation_id) as named
   where t.workspace_id = named.workspace_id and t.conversation_id = named.conversation_id
     and t.segment = (select max(m.segment) from conversation_text as m where m.workspace_id = t.workspace_id and m.conversation_id = t.conversation_id)
     and not (t.words @@ plainto_tsquery('simple', named.names));
  return null;
end
$$;
create trigger conversation_file_is_searched after insert on conversation_file referencing new table as added for each statement execute function text_of_new_files();

-- What was edited, hidden, or went into another conversation.
create function text_of_changed_items() returns trigger
  language plpgsql
as $$
begin
  perform write_conversation_text(changed.workspace_id, array_agg(distinct changed.id))
     from (select places.workspace_id, unnest(array[places.was_in, places.is_in]) as id
             from (select o.workspace_id, o.conversation_id as was_in, n.conversation_id as is_in
                     from gone as o
                     join come as n on n.workspace_id = o.workspace_id and n.id = o.id
                    where (o.conversation_id, o.body_text, o.quoted_text, o.hidden_at, o.subject, o.from_name, o.from_address, o.recipients)
                          is distinct from (n.conversation_id, n.body_text, n.quoted_text, n.hidden_at, n.subject, n.from_name, n.from_address, n.recipients)
                      and n.kind <> 'activity') as places) as changed
    group by changed.workspace_id;
  return null;
end
$$;
create trigger conversation_item_change_is_searched after update on conversation_item referencing old table as gone new table as come
  for each statement execute function text_of_changed_items();

create function text_of_deleted_items() returns trigger
  language plpgsql
as $$
begin
  perform write_conversation_text(gone.workspace_id, array_agg(distinct gone.conversation_id)) from gone where gone.kind <> 'activity' group by gone.workspace_id;
  return null;
end
$$;
create trigger conversation_item_end_is_searched after delete on conversation_item referencing old table as gone
  for each statement execute function text_of_deleted_items();

create function text_of_changed_conversation() returns trigger
  language plpgsql
as $$
begin
  perform write_conversation_text(new.workspace_id, array[new.id]);
  return null;
end
$$;
create trigger conversation_head_is_searched after update of subject, requester, tags on conversation for each row
  when ((old.subject, old.requester, old.tags) is distinct from (new.subject, new.requester, new.tags)) execute function text_of_changed_conversation();

-- How many rows have the words, by what the planner knows of them: rare words are asked of the whole index, common ones of the newest rows.
create function estimate_conversation_text(question tsquery) returns table (matching float8, rows float8)
  language plpgsql volatile security definer
  set search_path = public, pg_temp
as $$
declare
  plan json;
begin
  execute format('explain (format json) select from conversation_text where words @@ %L::tsquery', question) into plan;
  return query select (plan -> 0 -> 'Plan' ->> 'Plan Rows')::float8, greatest(c.reltuples, 0)::float8 from pg_class as c where c.oid = 'conversation_text'::regclass;
end
$$;

-- Conversations in which all of it stands, newest first, below a place and from a shelf on; `lowest` null: from all of them. Run by the owner for the
-- index's sake (see conversations_marked). Only ids leave: what of them may be seen is for the statement around it.
create function search_conversation_text(in_workspace uuid, question tsquery, lowest int, below bigint, at_most int) returns table (conversation_id uuid, place bigint)
  language plpgsql stable security definer
  set search_path = public, pg_temp
  set plan_cache_mode = force_custom_plan
as $$
declare
  mine uuid := current_workspace();
begin
  if mine is not null and mine <> in_workspace then
    return;
  end if;
  if lowest is null then
    return query
      select t.conversation_id, t.place from conversation_text as t
       where t.workspace_id = in_workspace and t.words @@ question and t.place < below
       order by t.place desc limit at_most;
  else
    -- One bound only: the index would read a second one from its other end.
    return query
      select t.conversation_id, t.place from conversation_text as t
       where t.workspace_id = in_workspace and t.shelf >= lowest and t.words @@ question and t.place < below
       order by t.place desc limit at_most;
  end if;
end
$$;

revoke all on function estimate_conversation_text(tsquery), search_conversation_text(uuid, tsquery, int, bigint, int) from public;
grant execute on function estimate_conversation_text(tsquery), search_conversation_text(uuid, tsquery, int, bigint, int) to waybill_api;
