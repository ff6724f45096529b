-- What a client was told under its Idempotency-Key: written in the transaction that did the work, so that the answer and the work
-- exist together or not at all.

create table idempotency (
  workspace_id uuid        not null references workspace on delete cascade,
  key          text        not null constraint idempotency_key_has_1_to_256_characters check (length(key) between 1 and 256),
  request_hash bytea       not null,
  status       smallint    not null,
  reply        jsonb       not null,
  created_at   timestamptz not null,
  expires_at   timestamptz not null,
  primary key (workspace_id, key)
);
create index idempotency_by_end on idempotency (expires_at);
call protect_workspace('idempotency');
