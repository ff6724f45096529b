-- About how many conversations have this value in a field, by what the planner knows: of those that very many have, no index has to collect the first
-- five thousand. As estimate_conversations_tagged() (0039).
create function estimate_conversations_with(with_fields jsonb) returns float8
  language plpgsql volatile security definer
  set search_path = public, pg_temp
as $$
declare
  plan json;
begin
  execute format('explain (format json) select from conversation where deleted_at is null and fields <> ''{}'' and fields @> %L::jsonb', with_fields) into plan;
  return (plan -> 0 -> 'Plan' ->> 'Plan Rows')::float8;
end
$$;
revoke all on function estimate_conversations_with(jsonb) from public;
grant execute on function estimate_conversations_with(jsonb) to waybill_api;

-- Who waits, in another order than the longest first: all of them are sorted then, which is soon done where the index says everything that is asked, and
-- takes seconds where each has to be looked up among a million rows.
drop index conversation_waiting;
create index conversation_waiting on conversation (workspace_id, inbox_id, waiting_since, id) include (status, last_at, merged_into, assignee_id)
  where deleted_at is null and waiting_since is not null and status in ('open', 'pending');
drop index conversation_waiting_anywhere;
create index conversation_waiting_anywhere on conversation (workspace_id, waiting_since, id) include (status, last_at, merged_into, assignee_id, inbox_id)
  where deleted_at is null and waiting_since is not null and status in ('open', 'pending');

-- A campaign to a million people writes a million rows, and each index as many entries, twice: when they are frozen and when they get their deliveries.
-- What somebody got is found by one look into each campaign, by the key.
drop index campaign_recipient_of_contact;
