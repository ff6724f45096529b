-- What workflows ask of programs elsewhere. The row is written by the run's step, and carried out by a worker of its own; its end is an event of the log.
create table workflow_request (
  workspace_id     uuid        not null references workspace on delete cascade,
  id               uuid        not null,
  workflow_id      uuid        not null,
  workflow         text        not null,
  run_id           uuid        not null,
  token_id         uuid        not null,
  node             text        not null,
  visit            int         not null,
  method           text        not null,
  url              text        not null,
  headers          jsonb       not null default '{}',
  secret           text,                                      -- the name of what is sent with it; the secret itself is workflow_secret's
  secret_header    text,
  body             text,
  body_type        text,
  timeout_ms       int         not null,
  expect           int[],                                     -- statuses that are well; null: 200 to 299
  keep             text        not null constraint workflow_request_keeps_something_known check (keep in ('json', 'text', 'nothing')),
  retry            jsonb,                                     -- the node's own policy, or none
  state            text        not null default 'queued' constraint workflow_request_state_is_known check (state in ('queued', 'sending', 'done', 'failed', 'withdrawn')),
  attempt          int         not null default 0,            -- claims; fences late answers
  tries            int         not null default 0,
  due_at           timestamptz,
  lease_expires_at timestamptz,
  last_status      int,
  last_error       text,
  created_at       timestamptz not null,
  ended_at         timestamptz,
  primary key (workspace_id, id),
  foreign key (workspace_id, run_id) references workflow_run on delete cascade deferrable initially deferred,
  constraint workflow_request_due_only_when_queued   check ((state = 'queued') = (due_at is not null)),
  constraint workflow_request_lease_only_on_its_way  check ((state = 'sending') = (lease_expires_at is not null)),
  constraint workflow_request_ended_at_the_end       check ((state in ('done', 'failed', 'withdrawn')) = (ended_at is not null))
) with (fillfactor = 75);
create unique index workflow_request_once on workflow_request (workspace_id, run_id, node, visit) where state in ('queued', 'sending');
create index workflow_request_of_run on workflow_request (workspace_id, run_id);
create index workflow_request_due on workflow_request (workspace_id, due_at) where state = 'queued';
create index workflow_request_sending on workflow_request (lease_expires_at) where state = 'sending';
call protect_workspace('workflow_request');

-- What requests prove themselves with, by name: sealed with WAYBILL_SECRET, and never shown again.
create table workflow_secret (
  workspace_id uuid        not null references workspace on delete cascade,
  name         text        not null constraint workflow_secret_name_has_1_to_100_characters check (length(name) between 1 and 100),
  sealed       bytea       not null,
  changed_at   timestamptz not null,
  primary key (workspace_id, name)
);
call protect_workspace('workflow_secret');

-- How often something passed: workflows that let only so many through in a time, and those that do something once.
create table workflow_pass (
  workspace_id uuid        not null references workspace on delete cascade,
  workflow_id  uuid        not null,
  node         text        not null,
  key          text        not null,                          -- of whom; '' where all are counted together
  window_at    timestamptz not null,
  count        int         not null,
  until_at     timestamptz,                                   -- from then on it means nothing any more; null: it counts for ever
  primary key (workspace_id, workflow_id, node, key),
  foreign key (workspace_id, workflow_id) references workflow on delete cascade
);
create index workflow_pass_over on workflow_pass (until_at);
call protect_workspace('workflow_pass');
