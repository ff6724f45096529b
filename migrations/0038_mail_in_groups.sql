-- Mail is taken in by groups: what was done for each row is done once for a statement, and what PostgreSQL does slowly is done before it is asked.

-- The counts of new conversations: one row for each place they stand in, however many there are.
create function count_new_conversations() returns trigger
  language plpgsql as $$
begin
  insert into conversation_count (workspace_id, inbox_id, status, assignee_id, team_id, n)
  select c.workspace_id, c.inbox_id, case when c.deleted_at is not null then 'deleted' when c.snoozed_until is not null then 'snoozed' else c.status end,
         c.assignee_id, c.team_id, count(*)
    from added as c
   where c.merged_into is null
   group by 1, 2, 3, 4, 5;
  return null;
end
$$;
drop trigger conversation_is_counted on conversation;
create trigger conversation_is_counted after delete or update of status, snoozed_until, deleted_at, merged_into, inbox_id, assignee_id, team_id on conversation
  for each row execute function count_conversation();
create trigger new_conversation_is_counted after insert on conversation referencing new table as added
  for each statement execute function count_new_conversations();

-- The same words as before. What only divides words anyway, blanks and ends of lines, is left as it is: most of the time went into replacing each of them.
create or replace function search_words(given text) returns text
  language plpgsql immutable parallel safe strict
as $$
declare
  plain text;
begin
  if octet_length(given) = length(given) then
    return regexp_replace(lower(given), '[\u0001-\u0008\u000e-\u001f\u0021-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u007f]+', ' ', 'g');
  end if;
  plain := lower(normalize(regexp_replace(normalize(given, nfkd), '[\u0300-\u036f]+', '', 'g'), nfc) collate "und-x-icu");
  if plain ~ '[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]' then
    select string_agg(case when run[1] is not null then (select string_agg(substr(run[1], i, 2), ' ' order by i) from generate_series(1, length(run[1])) as i) else run[2] end, ' ' order by n)
      into plain
      from regexp_matches(plain, '([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+)|([^\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+)', 'g') with ordinality as found(run, n);
  end if;
  -- What stands between words: the punctuation of ASCII and Latin-1, and of General Punctuation and CJK.
  return regexp_replace(plain, '[\u0001-\u0008\u000e-\u001f\u0021-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u2000-\u206f\u3000-\u303f]+', ' ', 'g');
end
$$;

-- Whoever adds an item may bring its words: cutting a text into words takes PostgreSQL ten times as long as reading them cut. An item that says it has
-- them is left alone by the trigger; whoever says so calls say_words() in the same transaction.
alter table conversation_item add column has_words boolean not null default false;

-- Adds words to the newest row of each conversation, which comes to the front. A conversation stands in the arrays once.
create function add_conversation_text(in_workspace uuid, ids uuid[], counts int[], added tsvector[]) returns void
  language plpgsql
as $$
begin
  with said as (
    select s.id, s.n, s.words, newest.segment, newest.has_room
      from unnest(ids, counts, added) as s(id, n, words)
      left join lateral (select t.segment, t.items < 20 and length(t.words) < 4000 as has_room
                           from conversation_text as t
                          where t.workspace_id = in_workspace and t.conversation_id = s.id
                          order by t.segment desc limit 1) as newest on true
  ), grown as (
    update conversation_text as t
       set words = t.words || said.words, items = t.items + said.n, place = nextval('conversation_text_place')
      from said
     where said.has_room and t.workspace_id = in_workspace and t.conversation_id = said.id and t.segment = said.segment
  )
  insert into conversation_text (workspace_id, conversation_id, segment, place, items, words)
  select c.workspace_id, c.id, coalesce(said.segment + 1, 0), nextval('conversation_text_place'), said.n, words_of_head(c) || said.words
    from said
    join conversation as c on c.workspace_id = in_workspace and c.id = said.id
   where said.has_room is not true;
end
$$;

-- The words of items that bring them.
create function say_words(in_workspace uuid, ids uuid[], words text[]) returns void
  language sql
as $$
  select add_conversation_text(in_workspace, array_agg(s.id order by s.id), array_agg(s.n order by s.id), array_agg(s.words order by s.id))
    from (select w.id, count(*)::int as n, words_joined(w.words::tsvector order by w.n) as words
            from unnest(ids, words) with ordinality as w(id, words, n) group by w.id) as s
  having count(*) > 0
$$;

-- The words of items that bring none. Of many at once, which is a copy of a conversation, all rows are written anew.
create function text_of_new_items() returns trigger
  language plpgsql
as $$
begin
  perform add_conversation_text(s.workspace_id, array_agg(s.id order by s.id), array_agg(s.n order by s.id), array_agg(s.words order by s.id))
     from (select a.workspace_id, a.conversation_id as id, count(*)::int as n, words_joined(words_of_item(a::conversation_item) order by a.id) as words
             from added as a
            where a.kind <> 'activity' and a.hidden_at is null and not a.has_words
            group by a.workspace_id, a.conversation_id having count(*) <= 4) as s
    group by s.workspace_id;
  perform write_conversation_text(s.workspace_id, array_agg(s.id))
     from (select a.workspace_id, a.conversation_id as id from added as a
            where a.kind <> 'activity' and a.hidden_at is null and not a.has_words
            group by a.workspace_id, a.conversation_id having count(*) > 4) as s
    group by s.workspace_id;
  return null;
end
$$;
drop trigger conversation_item_is_searched on conversation_item;
drop function text_of_new_item();
create trigger conversation_item_is_searched after insert on conversation_item referencing new table as added
  for each statement execute function text_of_new_items();

-- A mail to an inbox with twenty agents is twenty notifications. They are written with their conversation, so nothing has to be looked up for each;
-- of a conversation that is gone they are shown nowhere and forgotten in time. One index finds what a person has not read, of all conversations or one.
alter table notification drop constraint notification_workspace_id_conversation_id_fkey;
drop index notification_of_conversation;
drop index notification_unread;
create index notification_unread on notification (workspace_id, user_id, conversation_id) where in_app and read_at is null;
