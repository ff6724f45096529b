-- What is done with many runs, or many subjects, of a workflow at once: runs that go on move to another version or are cancelled, and what was there
-- before a workflow was begins with it. A job is one row: how far it came is written in the transaction that went so far.
create table workflow_job (
  workspace_id    uuid        not null references workspace on delete cascade,
  id              uuid        not null,
  workflow_id     uuid        not null,
  kind            text        not null constraint workflow_job_kind_is_known check (kind in ('move', 'cancel', 'apply')),
  version_id      uuid        not null,                       -- where runs go, by which new ones begin, or which stays as it is
  from_version_id uuid,                                       -- only runs of this one; null: of all others
  mapping         jsonb       not null default '{}',          -- old node → the node that stands for it
  node            text,                                       -- the trigger that is applied
  scope           jsonb,                                      -- of what is applied: only these; null: all
  per_minute      int         constraint workflow_job_pace_is_a_pace check (per_minute between 1 and 100000),
  place           uuid,                                       -- the last run, or subject, that was looked at
  state           text        not null default 'going' constraint workflow_job_state_is_known check (state in ('going', 'done', 'stopped')),
  due_at          timestamptz constraint workflow_job_that_goes_on_is_due check ((state = 'going') = (due_at is not null)),
  seen            int         not null default 0,
  done            int         not null default 0,
  left_out        jsonb       not null default '{}',          -- why → how many
  tries           int         not null default 0,             -- of what is next; what breaks again and again is left out
  created_at      timestamptz not null,
  created_by      text,
  ended_at        timestamptz,
  primary key (workspace_id, id),
  foreign key (workspace_id, workflow_id) references workflow on delete cascade,
  constraint workflow_job_end_is_told check ((state = 'going') = (ended_at is null)),
  constraint workflow_job_applies_a_trigger check ((kind = 'apply') = (node is not null)),
  constraint workflow_job_that_applies_has_a_scope check (scope is null or kind = 'apply')
);
create unique index workflow_job_one_at_a_time on workflow_job (workspace_id, workflow_id) where state = 'going';
create index workflow_job_of_workflow on workflow_job (workspace_id, workflow_id, id);
create index workflow_job_due on workflow_job (due_at) where state = 'going';
call protect_workspace('workflow_job');
