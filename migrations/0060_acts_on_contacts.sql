-- One act on many contacts, chosen or by a filter: a tag given or taken, a list joined or left. Whom it means is answered at one moment and kept in
-- pieces; each piece is one short transaction; what changed is kept with what was before, so that all of it can be undone.
create table contact_act (
  workspace_id uuid        not null references workspace on delete cascade,
  id           uuid        not null,
  state        text        not null constraint contact_act_state_is_known
                           check (state in ('choosing', 'running', 'done', 'undoing', 'undone', 'failed')),
  act          jsonb       not null,                         -- the tag, or the list with the reason and whether it overrides
  scope        jsonb       not null,                         -- the chosen ones, or what the list of contacts was narrowed down to
  counts       jsonb       not null,
  cursor       uuid,                                         -- the last contact that was worked on, in whatever is going on
  problem      text        not null default '',
  actor        text        not null,
  created_at   timestamptz not null,
  finished_at  timestamptz,
  primary key (workspace_id, id),
  constraint contact_act_ends_when_it_does_not_work check ((state in ('choosing', 'running', 'undoing')) = (finished_at is null)),
  constraint contact_act_says_why_it_failed check ((state = 'failed') = (problem <> ''))
);
create index contact_act_at_work on contact_act (created_at) where state in ('choosing', 'running', 'undoing');
call protect_workspace('contact_act');

create table contact_act_part (
  workspace_id uuid   not null,
  act_id       uuid   not null,
  last_id      uuid   not null,                              -- the greatest of its contacts
  contact_ids  uuid[] not null,                              -- in order
  primary key (workspace_id, act_id, last_id),
  foreign key (workspace_id, act_id) references contact_act on delete cascade
);
call protect_workspace('contact_act_part');

-- Who was changed, and who could not be; whoever was so already has no row.
create table contact_act_row (
  workspace_id uuid        not null,
  act_id       uuid        not null,
  contact_id   uuid        not null,
  done         text        not null constraint contact_act_row_end_is_known check (done in ('changed', 'refused')),
  reason       text        not null default '',
  was          text        not null default '',              -- the tag as it was written, or where they stood
  became       text        not null default '',
  at           timestamptz not null,
  undone       text        constraint contact_act_row_undoing_is_known check (undone in ('back', 'stayed')),
  primary key (workspace_id, act_id, contact_id),
  foreign key (workspace_id, act_id) references contact_act on delete cascade,
  foreign key (workspace_id, contact_id) references contact on delete cascade,
  constraint contact_act_row_says_why check ((done = 'refused') = (reason <> ''))
);
create index contact_act_row_of_contact on contact_act_row (workspace_id, contact_id);
call protect_workspace('contact_act_row');
