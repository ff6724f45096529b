-- The web addresses of workflows: each has a secret in it that is made from WAYBILL_SECRET, the step, and how often it was changed. Only the latter is
-- kept, and only of those that were changed at least once.
create table workflow_address (
  workspace_id uuid        not null,
  workflow_id  uuid        not null,
  node         text        not null,
  generation   int         not null constraint workflow_address_was_changed check (generation > 1),
  changed_at   timestamptz not null,
  primary key (workspace_id, workflow_id, node),
  foreign key (workspace_id, workflow_id) references workflow on delete cascade
);
call protect_workspace('workflow_address');

-- Whoever calls an address says nothing of a workspace.
create unique index workflow_by_id on workflow (id);
