-- Customers who have waited too long for an answer. From when on a trigger listens, so that publishing does not tell of all who wait already.
alter table workflow_trigger add column since timestamptz not null default now();
alter table workflow_trigger alter column since drop default;

-- For which waiting of a conversation a trigger was told: once for each, however often somebody looks.
create table workflow_overdue (
  workspace_id    uuid        not null,
  workflow_id     uuid        not null,
  node            text        not null,
  conversation_id uuid        not null,
  waiting_since   timestamptz not null,
  primary key (workspace_id, workflow_id, node, conversation_id),
  foreign key (workspace_id, workflow_id) references workflow on delete cascade
);
create index workflow_overdue_old on workflow_overdue (waiting_since);
call protect_workspace('workflow_overdue');
