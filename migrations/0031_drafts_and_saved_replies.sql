-- What an agent writes before it is sent, what can be taken back, and texts that are used again.

-- Files as they are attached, before what they are attached to is sent. Their bytes are blobs. One that no draft and no saved reply names is forgotten
-- after some days.
create table upload (
  workspace_id uuid        not null references workspace on delete cascade,
  id           uuid        not null,
  user_id      uuid,                                        -- null: by an API key
  filename     text        not null,
  content_type text        not null,
  size_bytes   bigint      not null constraint upload_has_at_most_25_mb check (size_bytes between 0 and 26214400),
  hash         bytea       not null,                        -- the blob
  created_at   timestamptz not null,
  primary key (workspace_id, id)
);
create index upload_by_age on upload (created_at);
call protect_workspace('upload');

-- What somebody is writing: one of each kind for a conversation; of new conversations as many as they begin. `content` is the composer's own state.
-- `version` counts what was saved: two windows of one person do not silently write over one another.
create table conversation_draft (
  workspace_id    uuid        not null references workspace on delete cascade,
  id              uuid        not null,
  conversation_id uuid,                                     -- null: it begins one
  user_id         uuid        not null,
  mode            text        not null constraint conversation_draft_mode_is_known check (mode in ('reply', 'note', 'forward', 'new')),
  version         int         not null,
  content         jsonb       not null,
  preview         text        not null default '',
  created_at      timestamptz not null,
  updated_at      timestamptz not null,
  primary key (workspace_id, id),
  foreign key (workspace_id, conversation_id) references conversation on delete cascade,
  constraint conversation_draft_new_ones_have_no_conversation check ((mode = 'new') = (conversation_id is null))
);
create unique index conversation_draft_is_one_of_its_kind on conversation_draft (workspace_id, conversation_id, user_id, mode) where conversation_id is not null;
create index conversation_draft_of_user on conversation_draft (workspace_id, user_id, updated_at desc);
call protect_workspace('conversation_draft');

-- What taking back needs: the draft as it was, and the conversation as it was before and after. Gone when it can no longer be taken back.
create table conversation_undo (
  workspace_id    uuid        not null,
  item_id         uuid        not null,
  conversation_id uuid        not null,
  user_id         uuid,
  mode            text        not null,
  content         jsonb       not null,
  before          jsonb       not null,
  after           jsonb       not null,
  activities      uuid[]      not null,                     -- lines that tell what was done together with it
  participants    text[]      not null,                     -- who was added by it
  until           timestamptz not null,
  primary key (workspace_id, item_id),
  foreign key (workspace_id, conversation_id) references conversation on delete cascade
);
create index conversation_undo_by_age on conversation_undo (until);
call protect_workspace('conversation_undo');

-- A copy of what was sent, for the folder of sent mail in a mailbox. Work of its own: whatever becomes of it, the mail is not touched.
create table sent_copy (
  workspace_id    uuid        not null,
  item_id         uuid        not null,
  conversation_id uuid        not null,
  message_id      uuid        not null,
  mailbox_id      uuid        not null,
  folder          text        not null,
  state           text        not null constraint sent_copy_state_is_known check (state in ('waiting', 'stored', 'given_up', 'not_sent')),
  due_at          timestamptz,
  attempts        int         not null default 0,
  problem         text,                                     -- what stood in the way last, in words
  created_at      timestamptz not null,
  settled_at      timestamptz,
  primary key (workspace_id, item_id),
  foreign key (workspace_id, conversation_id) references conversation on delete cascade,
  constraint sent_copy_waits_until_something check ((state = 'waiting') = (due_at is not null)),
  constraint sent_copy_settled_says_when check ((state = 'waiting') = (settled_at is null))
);
create index sent_copy_due on sent_copy (due_at) where state = 'waiting';
call protect_workspace('sent_copy');

-- Texts that are used again, in folders. `inbox_id` null: everywhere.
create table saved_reply (
  workspace_id uuid        not null references workspace on delete cascade,
  id           uuid        not null,
  parent_id    uuid,
  inbox_id     uuid,
  is_folder    boolean     not null,
  name         text        not null constraint saved_reply_name_has_1_to_200_characters check (length(name) between 1 and 200),
  html         text        not null default '',             -- with variables, cleaned
  uploads      uuid[]      not null default '{}' constraint saved_reply_has_at_most_20_files check (cardinality(uploads) <= 20),
  position     int         not null default 0,
  created_at   timestamptz not null,
  updated_at   timestamptz not null,
  primary key (workspace_id, id),
  foreign key (workspace_id, parent_id) references saved_reply on delete cascade,
  foreign key (workspace_id, inbox_id) references inbox on delete cascade,
  constraint saved_reply_is_not_in_itself check (parent_id <> id),
  constraint saved_reply_folders_have_no_text check (not is_folder or (html = '' and uploads = '{}'))
);
create index saved_reply_in_folder on saved_reply (workspace_id, parent_id, position);
call protect_workspace('saved_reply');
