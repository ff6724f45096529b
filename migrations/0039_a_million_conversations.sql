-- What a million conversations need, and who has read what.

-- Writes the words of conversations anew, at the place they had. As before (0029), but that the words are joined once: a planner that knows nothing of
-- the table yet would make them anew for each conversation.
create or replace function write_conversation_text(in_workspace uuid, ids uuid[]) returns void
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
  with item as materialized (
    select i.conversation_id, ((row_number() over (partition by i.conversation_id order by i.id) - 1) / 20)::smallint as segment, i.id, words_of_item(i) as words
      from conversation_item as i
     where i.workspace_id = in_workspace and i.conversation_id = any (ids) and i.kind <> 'activity' and i.hidden_at is null
  ),
  said as materialized (
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

-- Who has read what. A conversation is news to somebody while it is open or pending and something was said in it since they looked, or after they
-- marked it themselves. Two facts say that without a row for each of a million conversations: up to where somebody knows everything, and what they
-- looked at since.
create table conversation_reader (
  workspace_id uuid        not null,
  user_id      uuid        not null,
  read_before  timestamptz not null,                        -- what was said up to here is no news to them
  primary key (workspace_id, user_id),
  foreign key (workspace_id, user_id) references membership (workspace_id, user_id) on delete cascade
);
call protect_workspace('conversation_reader');
insert into conversation_reader (workspace_id, user_id, read_before) select workspace_id, user_id, now() from membership;

-- What was said before somebody came is no news to them.
create function reader_of_new_member() returns trigger
  language plpgsql security definer
  set search_path = public, pg_temp
as $$
begin
  insert into conversation_reader (workspace_id, user_id, read_before) values (new.workspace_id, new.user_id, new.joined_at) on conflict do nothing;
  return null;
end
$$;
create trigger membership_makes_a_reader after insert on membership for each row execute function reader_of_new_member();

create table conversation_seen (
  workspace_id    uuid        not null,
  user_id         uuid        not null,
  conversation_id uuid        not null,
  seen_at         timestamptz not null,                     -- what was said up to here they saw
  is_marked       boolean     not null default false,       -- they want it to be news again, whatever its status
  primary key (workspace_id, conversation_id, user_id),
  foreign key (workspace_id, user_id) references conversation_reader on delete cascade,
  foreign key (workspace_id, conversation_id) references conversation on delete cascade
);
create index conversation_seen_of_user on conversation_seen (workspace_id, user_id);
create index conversation_seen_marked on conversation_seen (workspace_id, user_id) where is_marked;
create index conversation_seen_by_age on conversation_seen (seen_at) where not is_marked;
call protect_workspace('conversation_seen');

-- What one said oneself is no news, however it was said: here, by mail, or through the API.
create function seen_by_author() returns trigger
  language plpgsql
as $$
begin
  insert into conversation_seen (workspace_id, user_id, conversation_id, seen_at)
  select r.workspace_id, r.user_id, new.conversation_id, new.created_at
    from conversation_reader as r
   where r.workspace_id = new.workspace_id and r.user_id = new.user_id
      on conflict (workspace_id, conversation_id, user_id) do update set seen_at = greatest(conversation_seen.seen_at, excluded.seen_at), is_marked = false;
  return null;
end
$$;
create trigger conversation_item_is_seen_by_its_author after insert on conversation_item
  for each row when (new.user_id is not null and new.kind <> 'activity') execute function seen_by_author();

-- One act on many conversations is told once: the first of them stands in the notification itself.
alter table notification add column others uuid[] not null default '{}' constraint notification_tells_of_at_most_1000 check (cardinality(others) < 1000);

-- A label stands in one status, and lists walk by status: whoever asks for it does not pass those of the others.
drop index conversation_labelled;
create index conversation_labelled on conversation (workspace_id, label_id, status, last_at desc, id desc) where deleted_at is null and label_id is not null;

-- As in 0029, but that the index is asked for one word only, the rarest (`key`), and what it finds is looked at for the others: a common word would
-- have the index collect every place it stands in, however few of them are wanted.
create function search_conversation_text(in_workspace uuid, key tsquery, question tsquery, lowest int, below bigint, at_most int) returns table (conversation_id uuid, place bigint)
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
  -- Called by its name, `@@` is no reason for the index.
  if lowest is null then
    return query
      select t.conversation_id, t.place from conversation_text as t
       where t.workspace_id = in_workspace and t.words @@ key and t.place < below and ts_match_vq(t.words, question)
       order by t.place desc limit at_most;
  else
    return query
      select t.conversation_id, t.place from conversation_text as t
       where t.workspace_id = in_workspace and t.shelf >= lowest and t.words @@ key and t.place < below and ts_match_vq(t.words, question)
       order by t.place desc limit at_most;
  end if;
end
$$;
revoke all on function search_conversation_text(uuid, tsquery, tsquery, int, bigint, int) from public;
grant execute on function search_conversation_text(uuid, tsquery, tsquery, int, bigint, int) to waybill_api;

-- How many conversations have these tags, by what the planner knows: of those that very many have, no index has to collect the first five thousand.
create function estimate_conversations_tagged(with_tags text[]) returns float8
  language plpgsql volatile security definer
  set search_path = public, pg_temp
as $$
declare
  plan json;
begin
  execute format('explain (format json) select from conversation where deleted_at is null and tags <> ''{}'' and tags @> %L::text[]', with_tags) into plan;
  return (plan -> 0 -> 'Plan' ->> 'Plan Rows')::float8;
end
$$;
revoke all on function estimate_conversations_tagged(text[]) from public;
grant execute on function estimate_conversations_tagged(text[]) to waybill_api;
