-- What became of a workflow that was read from a file of another program: kept, to be looked at while somebody does by hand what could not be carried.
create table workflow_import (
  workspace_id uuid        not null,
  workflow_id  uuid        not null,
  format       text        not null constraint workflow_import_format_is_known check (format in ('workflow/1', 'elsa/3')),
  remarks      jsonb       not null default '[]',
  activities   int         not null default 0,
  created_at   timestamptz not null,
  created_by   text,
  done_at      timestamptz,                                   -- somebody said that nothing of it is left to do
  primary key (workspace_id, workflow_id),
  foreign key (workspace_id, workflow_id) references workflow on delete cascade
);
call protect_workspace('workflow_import');
