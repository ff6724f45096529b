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
