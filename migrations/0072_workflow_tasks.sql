-- What workflows ask of people: a question with ways to go on. Whoever of those who are asked decides first decides; the decision is an event of the log, and
-- the run that waits goes on by it.
create table workflow_task (
  workspace_id    uuid        not null references workspace on delete cascade,
  id              uuid        not null,
  workflow_id     uuid        not null,
  workflow        text        not null,                       -- its name when it asked
  run_id          uuid        not null,
  token_id        uuid        not null,
  node            text        not null,
  visit           int         not null,
  title           text        not null constraint workflow_task_title_has_1_to_500_characters check (length(title) between 1 and 500),
  body            text        not null default '',
  decisions       jsonb       not null,                       -- [{key, label}]
  fields          jsonb       not null default '[]',          -- what is asked for with it; definition/nodes/people.ts
  team_id         uuid,                                       -- anybody of it, whoever that is by then
  conversation_id uuid,
  state           text        not null default 'open' constraint workflow_task_state_is_known check (state in ('open', 'decided', 'expired', 'withdrawn')),
  created_at      timestamptz not null,
  due_at          timestamptz,
  ended_at        timestamptz,
  decision        text,
  decided_by      text,                                       -- as the log writes it
  comment         text        not null default '' constraint workflow_task_comment_is_short check (length(comment) <= 5000),
  answers         jsonb       not null default '{}',
  primary key (workspace_id, id),
  foreign key (workspace_id, run_id) references workflow_run on delete cascade deferrable initially deferred,
  constraint workflow_task_ended_is_told  check ((state = 'open') = (ended_at is null)),
  constraint workflow_task_decision_is_whose check ((state = 'decided') = (decision is not null) and (decision is null) = (decided_by is null))
);
create unique index workflow_task_once on workflow_task (workspace_id, run_id, node, visit) where state = 'open';
create index workflow_task_of_run on workflow_task (workspace_id, run_id);
create index workflow_task_of_team on workflow_task (workspace_id, team_id, id) where team_id is not null;
create index workflow_task_open on workflow_task (workspace_id, id) where state = 'open';
call protect_workspace('workflow_task');

-- Who was asked by name, or told as one of the team, and the link by which they may decide without signing in: only its hash is kept.
create table workflow_task_person (
  workspace_id uuid  not null,
  task_id      uuid  not null,
  user_id      uuid  not null,
  token_hash   bytea not null constraint workflow_task_token_is_a_hash check (octet_length(token_hash) = 32),
  message_id   uuid,                                          -- the mail that asked them
  primary key (workspace_id, task_id, user_id),
  foreign key (workspace_id, task_id) references workflow_task on delete cascade
);
create unique index workflow_task_by_token on workflow_task_person (token_hash);
create index workflow_task_of_person on workflow_task_person (workspace_id, user_id, task_id);
call protect_workspace('workflow_task_person');
