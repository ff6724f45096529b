-- Bytes by content: up to 256 KiB in the row, in the same commit as what refers to them; larger ones in a file that was written, synced and
-- renamed before the row. The hash is per workspace, so that nobody can learn whether another workspace holds some content.
-- Plain ASCII, which is what most mail is, stands in a text column: reading it back costs no conversion on either side.

create table blob (
  workspace_id uuid        not null references workspace on delete cascade,
  hash         bytea       not null constraint blob_hash_is_sha256 check (octet_length(hash) = 32),
  size_bytes   bigint      not null,
  ascii        text,
  bytes        bytea,
  location     text,
  created_at   timestamptz not null,
  primary key (workspace_id, hash),
  constraint blob_is_in_one_place check (num_nonnulls(ascii, bytes, location) = 1)
);

-- Mail is mostly base64 or short text: compressing it costs more than it saves, and rows up to 8 KB stay in one piece.
alter table blob alter column bytes set storage external, alter column ascii set storage external;
alter table blob set (toast_tuple_target = 8160);
call protect_workspace('blob');
