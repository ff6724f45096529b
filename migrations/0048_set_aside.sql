-- What was put aside or turned away is found whatever it lies among, acts on it can be taken back, and programs may be given the right to hand in mail
-- and nothing else.

-- A key for a program that hands in mail: it reads nothing.
alter table api_key drop constraint api_key_scopes_are_known;
alter table api_key add constraint api_key_scopes_are_known check (scopes <@ array['full', 'send', 'read', 'receive'] and cardinality(scopes) > 0);

-- "What came from there?"
create index inbound_mail_by_source on inbound_mail (workspace_id, source_id, id desc) where source_id is not null;
create index inbound_mail_by_channel on inbound_mail (workspace_id, channel, id desc);

-- Words of sender and subject, in all mail that stands in no conversation: what stands in one is found by the search of conversations as well. Most
-- mail ends in a conversation and is written without it.
create index inbound_mail_words_aside on inbound_mail using gin (lower(from_address || ' ' || from_name || ' ' || subject) gin_trgm_ops)
  where outcome in ('note_added', 'bounce_recorded', 'complaint_recorded', 'unsubscribed', 'ignored', 'duplicate', 'quarantined');

-- Run by its owner, because LIKE is not leak-proof and would find no index behind row-level security; the workspace of the transaction still holds.
-- The first of the words is the longest: the index is asked for it, the others are looked for in what has it. Null stands for any.
create function find_mail_aside(
  in_workspace uuid, words text[], within uuid[], in_inbox uuid, in_none boolean, in_outcome text, in_reason text, in_stage text, in_source uuid,
  in_channel text, first uuid, before uuid, at_most int
) returns setof uuid
  language plpgsql stable security definer
  set search_path = public, pg_temp
  set plan_cache_mode = force_custom_plan
as $$
declare
  mine     uuid := current_workspace();
  patterns text[] := array(select '%' || replace(replace(replace(word, '\', '\\'), '%', '\%'), '_', '\_') || '%' from unnest(words) as word);
begin
  if mine is not null and mine <> in_workspace then
    return;
  end if;
  return query
    select m.id from inbound_mail as m
     where m.workspace_id = in_workspace
       and m.outcome in ('note_added', 'bounce_recorded', 'complaint_recorded', 'unsubscribed', 'ignored', 'duplicate', 'quarantined')
       and lower(m.from_address || ' ' || m.from_name || ' ' || m.subject) like patterns[1]
       and lower(m.from_address || ' ' || m.from_name || ' ' || m.subject) like all (patterns)
       and (within is null or m.inbox_id = any (within))
       and (in_inbox is null or m.inbox_id = in_inbox)
       and (not in_none or m.inbox_id is null)
       and (in_outcome is null or m.outcome = in_outcome)
       and (in_reason is null or m.reason = in_reason)
       and (in_stage is null or m.stage = in_stage)
       and (in_source is null or m.source_id = in_source)
       and (in_channel is null or m.channel = in_channel)
       and (first is null or m.id >= first)
       and (before is null or m.id < before)
     order by m.id desc
     limit at_most;
end
$$;
revoke all on function find_mail_aside(uuid, text[], uuid[], uuid, boolean, text, text, text, uuid, text, uuid, uuid, int) from public;
grant execute on function find_mail_aside(uuid, text[], uuid[], uuid, boolean, text, text, text, uuid, text, uuid, uuid, int) to waybill_api;
