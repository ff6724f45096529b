-- What a person does with many deliveries at once: chosen by a filter, counted before, done in small steps, each of which moves the cursor in the
-- transaction that does the work. A process that dies leaves it where it was, and nothing is done twice.

create table bulk_act (
  workspace_id uuid        not null references workspace on delete cascade,
  id           uuid        not null,
  kind         text        not null constraint bulk_act_kind_is_known check (kind in ('retry', 'hold', 'release', 'cancel', 'reroute', 'replay')),
  filter       jsonb       not null,
  route_id     uuid,                                        -- of a reroute or a replay: the way to take; null: as the rules say
  state        text        not null constraint bulk_act_state_is_known check (state in ('running', 'done', 'stopped')),
  matched      int         not null,                        -- how many it were when somebody decided
  done         int         not null default 0,
  passed_over  int         not null default 0,              -- in the filter, but what is done did not fit their state any more
  cursor       uuid,                                        -- the last delivery that was looked at; newer ones come first
  actor        text,
  created_at   timestamptz not null,
  finished_at  timestamptz,
  primary key (workspace_id, id),
  constraint bulk_act_ends_when_it_does_not_run check ((state = 'running') = (finished_at is null))
);
create index bulk_act_running on bulk_act (created_at) where state = 'running';
call protect_workspace('bulk_act');

-- Whose repetition a message is: a replay passes over what was sent again already.
create index message_by_resend_of on message (workspace_id, resend_of) where resend_of is not null;
