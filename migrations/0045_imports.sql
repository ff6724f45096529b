-- Imports: a file, what its columns mean, what became of each of its rows, and what was there before, so that all of it can be undone.

-- People who are joined or parted take along what became of their mail.
grant update on contact_activity to waybill_api;

-- 'uploading': the file comes. 'reading': its shape is found out. 'mapping': a person says what the columns are. 'checking': the dry run. 'checked': a
-- person decides. 'running': rows become contacts. 'done', 'undoing', 'undone', 'failed' (with the problem), 'discarded'.
create table import_batch (
  workspace_id uuid        not null references workspace on delete cascade,
  id           uuid        not null,
  name         text        not null constraint import_name_has_1_to_200_characters check (length(name) between 1 and 200),
  state        text        not null constraint import_state_is_known
                           check (state in ('uploading', 'reading', 'mapping', 'checking', 'checked', 'running', 'done', 'undoing', 'undone', 'failed', 'discarded')),
  bytes        bigint      not null default 0,
  shape        jsonb,                                       -- encoding, delimiter, columns, a raw sample: what the sniff found
  settings     jsonb,                                       -- what the columns mean, the policy, lists, tags, the consent that was given
  counts       jsonb       not null default '{}',
  cursor       bigint      not null default 0,              -- the last row that was worked on, in whatever is going on
  problem      text        not null default '',
  actor        text,
  created_at   timestamptz not null,
  updated_at   timestamptz not null,
  finished_at  timestamptz,
  lease_until  timestamptz,                                 -- who works on it says so again and again
  primary key (workspace_id, id)
);
create index import_batch_at_work on import_batch (created_at) where state in ('reading', 'checking', 'running', 'undoing');
call protect_workspace('import_batch');

-- The file, in pieces, each deflated.
create table import_part (
  workspace_id uuid  not null,
  import_id    uuid  not null,
  n            int   not null,
  content      bytea not null,
  primary key (workspace_id, import_id, n),
  foreign key (workspace_id, import_id) references import_batch on delete cascade
);
alter table import_part alter column content set storage external;
call protect_workspace('import_part');

-- One row of the file, as it was understood. `verdict` is that of the dry run, `done` what became of it.
create table import_row (
  workspace_id uuid   not null,
  import_id    uuid   not null,
  n            bigint not null,                             -- counted over all files of the import
  line         bigint not null,                             -- in its file
  file         text   not null default '',
  verdict      text   not null constraint import_row_verdict_is_known check (verdict in ('new', 'known', 'repeated', 'suppressed', 'refused')),
  repaired     boolean not null default false,
  reason       text   not null default '',
  raw          text   not null default '',                  -- of what was refused, repaired or repeated: as it stood there
  address      text,
  contact_id   uuid,                                        -- new: the id it will have; known: whose address it is
  person       jsonb,                                       -- what is said of them
  done         text   constraint import_row_end_is_known check (done in ('added', 'changed', 'kept')),
  before       jsonb,                                       -- what a changed contact was
  primary key (workspace_id, import_id, n),
  foreign key (workspace_id, import_id) references import_batch on delete cascade
);
create index import_row_of_address on import_row (workspace_id, import_id, address) where address is not null;
create index import_row_told on import_row (workspace_id, import_id, verdict, n) where verdict in ('refused', 'repeated', 'suppressed') or repaired;
call protect_workspace('import_row');
