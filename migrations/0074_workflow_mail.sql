-- What a step of a workflow sends once only: for a person, an order, whatever its author says. It is there as soon as the mail is, and as long as the
-- workflow is.
create table workflow_mail_once (
  workspace_id uuid        not null,
  workflow_id  uuid        not null,
  node         text        not null,
  key          text        not null constraint workflow_mail_once_key_is_short check (length(key) <= 500),
  message_id   uuid        not null,
  created_at   timestamptz not null,
  primary key (workspace_id, workflow_id, node, key),
  foreign key (workspace_id, workflow_id) references workflow on delete cascade
);
call protect_workspace('workflow_mail_once');
