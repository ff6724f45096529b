-- The helpdesk: inboxes, the teams that work in them, and conversations.

-- A shared address that people write to.
create table inbox (
  workspace_id       uuid        not null references workspace on delete cascade,
  id                 uuid        not null,
  name               text        not null constraint inbox_name_has_1_to_100_characters check (length(name) between 1 and 100),
  slug               text        not null constraint inbox_slug_is_a_word check (slug ~ '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$'), -- of [slug-123] in subjects
  address            text        not null,                  -- what it writes from; also among its addresses
  from_name          text        not null default 'inbox' constraint inbox_from_name_is_known check (from_name in ('inbox', 'agent', 'agent_at_inbox')),
  route_id           uuid,                                  -- null: as the rules say
  signature          text        not null default '',       -- HTML with variables, cleaned
  status_after_reply text        not null default 'pending' constraint inbox_status_after_reply_is_known check (status_after_reply in ('open', 'pending', 'closed', 'keep')),
  assign_on_reply    text        not null default 'if_unassigned' constraint inbox_assign_on_reply_is_known check (assign_on_reply in ('never', 'if_unassigned', 'always')),
  default_assignee   uuid,
  default_team       uuid,
  auto_bcc           text[]      not null default '{}' constraint inbox_has_at_most_10_auto_bcc check (cardinality(auto_bcc) <= 10),
  auto_reply         jsonb,                                 -- {subject, html}; null: none
  undo_seconds       int         not null default 15 constraint inbox_undo_is_0_to_120_seconds check (undo_seconds between 0 and 120),
  subject_tag        boolean     not null default false,    -- writes [slug-123] into subjects of replies
  plus_address       boolean     not null default false,    -- replies go to address+r.token: its server must deliver plus addresses
  no_match           text        not null default 'start' constraint inbox_no_match_is_known check (no_match in ('start', 'ignore', 'quarantine')), -- mail that belongs to no conversation; not 'start': update-only
  no_match_answer    jsonb,                                 -- {subject, html}; null: not answered
  no_match_alert     int         constraint inbox_no_match_alert_is_positive check (no_match_alert > 0), -- so many a day raise an incident
  sent_mailbox_id    uuid,                                  -- a copy of what is sent goes to this mailbox …
  sent_folder        text,                                  -- … into this folder
  restricted         boolean     not null default false,    -- only people with access see it
  closed_at          timestamptz,                           -- takes no mail any more
  created_at         timestamptz not null,
  updated_at         timestamptz not null,
  primary key (workspace_id, id),
  constraint inbox_copies_into_a_folder check ((sent_mailbox_id is null) = (sent_folder is null))
);
create unique index inbox_name_is_unique on inbox (workspace_id, lower(name));
create unique index inbox_slug_is_unique on inbox (workspace_id, slug);
call protect_workspace('inbox');

-- Where mail for an inbox is addressed to. The own address is among them; others are aliases.
create table inbox_address (
  workspace_id uuid        not null,
  address      text        not null constraint inbox_address_is_in_lower_case check (address = lower(address) and length(address) between 3 and 320),
  inbox_id     uuid        not null,
  may_send     boolean     not null default false,          -- replies may leave from it
  created_at   timestamptz not null,
  primary key (workspace_id, address),
  foreign key (workspace_id, inbox_id) references inbox on delete cascade
);
create index inbox_address_anywhere on inbox_address (address);      -- asked at RCPT, before a workspace is known
create index inbox_address_of_inbox on inbox_address (workspace_id, inbox_id);
call protect_workspace('inbox_address');

create table team (
  workspace_id uuid        not null references workspace on delete cascade,
  id           uuid        not null,
  name         text        not null constraint team_name_has_1_to_100_characters check (length(name) between 1 and 100),
  created_at   timestamptz not null,
  updated_at   timestamptz not null,
  primary key (workspace_id, id)
);
create unique index team_name_is_unique on team (workspace_id, lower(name));
call protect_workspace('team');

create table team_member (
  workspace_id uuid not null,
  team_id      uuid not null,
  user_id      uuid not null,
  primary key (workspace_id, team_id, user_id),
  foreign key (workspace_id, team_id) references team on delete cascade
);
create index team_member_of_user on team_member (workspace_id, user_id);
call protect_workspace('team_member');

-- Who works in an inbox: for a restricted one, who may; for any, who sees only what is theirs.
create table inbox_access (
  workspace_id uuid not null,
  inbox_id     uuid not null,
  user_id      uuid not null,
  level        text not null constraint inbox_access_level_is_known check (level in ('full', 'assigned_only', 'none')),
  primary key (workspace_id, inbox_id, user_id),
  foreign key (workspace_id, inbox_id) references inbox on delete cascade
);
create index inbox_access_of_user on inbox_access (workspace_id, user_id);
call protect_workspace('inbox_access');

-- Addresses an agent also writes from. The one they sign in with is always theirs.
create table agent_address (
  workspace_id uuid        not null references workspace on delete cascade,
  address      text        not null constraint agent_address_is_in_lower_case check (address = lower(address) and length(address) between 3 and 320),
  user_id      uuid        not null,
  created_at   timestamptz not null,
  primary key (workspace_id, address)
);
call protect_workspace('agent_address');

-- Names for shades of a status: "waiting for parts" is pending.
create table status_label (
  workspace_id uuid not null references workspace on delete cascade,
  id           uuid not null,
  name         text not null constraint status_label_name_has_1_to_50_characters check (length(name) between 1 and 50),
  status       text not null constraint status_label_status_is_known check (status in ('open', 'pending', 'closed')),
  color        text not null default 'grey',
  position     int  not null default 0,
  primary key (workspace_id, id)
);
create unique index status_label_name_is_unique on status_label (workspace_id, lower(name));
call protect_workspace('status_label');

create table tag (
  workspace_id uuid        not null references workspace on delete cascade,
  name         text        not null constraint tag_name_has_1_to_50_characters check (length(name) between 1 and 50 and name = lower(name)),
  color        text        not null default 'grey',
  created_at   timestamptz not null,
  primary key (workspace_id, name)
);
call protect_workspace('tag');

create table custom_field (
  workspace_id uuid        not null references workspace on delete cascade,
  id           uuid        not null,
  inbox_id     uuid,                                        -- null: of every inbox
  name         text        not null constraint custom_field_name_has_1_to_100_characters check (length(name) between 1 and 100),
  type         text        not null constraint custom_field_type_is_known
    check (type in ('text', 'long_text', 'integer', 'decimal', 'boolean', 'choice', 'choices', 'date', 'time', 'datetime', 'email', 'url')),
  options      text[]      not null default '{}',
  is_required  boolean     not null default false,          -- before a conversation is closed
  in_list      boolean     not null default false,
  position     int         not null default 0,
  created_at   timestamptz not null,
  primary key (workspace_id, id),
  foreign key (workspace_id, inbox_id) references inbox on delete cascade,
  constraint custom_field_choices_have_options check ((type in ('choice', 'choices')) = (cardinality(options) > 0))
);
call protect_workspace('custom_field');

-- The next number of a workspace's conversations. Numbers are taken in blocks, outside the transactions that use them, so that no mail waits
-- for another; a block that a stopped process had not used up is a gap.
create table conversation_number (
  workspace_id uuid   primary key references workspace on delete cascade,
  next         bigint not null default 1
);
call protect_workspace('conversation_number');

create table conversation (
  workspace_id       uuid        not null references workspace on delete cascade,
  id                 uuid        not null,
  number             bigint      not null,
  inbox_id           uuid        not null,
  subject            text        not null,
  preview            text        not null default '',       -- the beginning of what was said last
  channel            text        not null constraint conversation_channel_is_known check (channel in ('email', 'phone', 'web', 'api')),
  status             text        not null constraint conversation_status_is_known check (status in ('open', 'pending', 'closed', 'spam')),
  label_id           uuid,
  priority           smallint    not null default 3 constraint conversation_priority_is_1_to_4 check (priority between 1 and 4), -- urgent, high, normal, low
  assignee_id        uuid,
  team_id            uuid,
  contact_id         uuid,                                  -- who asks
  requester          text        not null default '',       -- the address answers go to
  tags               text[]      not null default '{}' constraint conversation_has_at_most_50_tags check (cardinality(tags) <= 50),
  fields             jsonb       not null default '{}',     -- custom field id → value
  items              int         not null default 0,        -- messages and notes, without activity lines
  has_files          boolean     not null default false,
  snoozed_until      timestamptz,
  due_at             timestamptz,
  waiting_since      timestamptz,                           -- the first message of the customer that nobody has answered
  last_customer_at   timestamptz,
  last_agent_at      timestamptz,
  last_at            timestamptz not null,                  -- of anything people see
  closed_at          timestamptz,
  merged_into        uuid,
  deleted_at         timestamptz,
  auto_reply_off     boolean     not null default false,
  created_at         timestamptz not null,
  updated_at         timestamptz not null,
  primary key (workspace_id, id),
  foreign key (workspace_id, inbox_id) references inbox,
  foreign key (workspace_id, contact_id) references contact,
  foreign key (workspace_id, label_id) references status_label on delete set null (label_id),
  foreign key (workspace_id, team_id) references team on delete set null (team_id),
  constraint conversation_closed_says_when check ((status = 'closed') = (closed_at is not null)),
  constraint conversation_is_not_merged_into_itself check (merged_into <> id),
  constraint conversation_only_waits_while_open check (waiting_since is null or status in ('open', 'pending', 'spam')),
  constraint conversation_only_open_ones_sleep check (snoozed_until is null or status in ('open', 'pending'))
);
create unique index conversation_number_is_unique on conversation (workspace_id, number);
create index conversation_of_inbox on conversation (workspace_id, inbox_id, status, last_at desc, id desc) where deleted_at is null;
create index conversation_of_assignee on conversation (workspace_id, assignee_id, status, last_at desc, id desc) where deleted_at is null and assignee_id is not null;
create index conversation_of_team on conversation (workspace_id, team_id, status, last_at desc, id desc) where deleted_at is null and team_id is not null;
create index conversation_of_workspace on conversation (workspace_id, status, last_at desc, id desc) where deleted_at is null;
create index conversation_waiting on conversation (workspace_id, inbox_id, waiting_since, id) where deleted_at is null and waiting_since is not null and status in ('open', 'pending');
create index conversation_of_contact on conversation (workspace_id, contact_id, id desc) where contact_id is not null;
create index conversation_snoozed on conversation (snoozed_until) where snoozed_until is not null;
create index conversation_deleted on conversation (workspace_id, deleted_at desc, id desc) where deleted_at is not null;
create index conversation_tags on conversation using gin (tags) where deleted_at is null;
call protect_workspace('conversation');

-- What stands in a conversation, in the order of ids: what customers wrote, what agents answered and noted, and what was done.
create table conversation_item (
  workspace_id    uuid        not null,
  conversation_id uuid        not null,
  id              uuid        not null,
  kind            text        not null constraint conversation_item_kind_is_known check (kind in ('customer', 'reply', 'note', 'forward', 'activity')),
  channel         text        not null default 'email' constraint conversation_item_channel_is_known check (channel in ('email', 'phone', 'web', 'api')),
  contact_id      uuid,                                     -- who wrote it, of 'customer'
  user_id         uuid,                                     -- who wrote it or did it; null: Waybill itself
  from_name       text        not null default '',
  from_address    text        not null default '',
  reply_to        text[]      not null default '{}',
  recipients      jsonb       not null default '{}',        -- {to, cc, bcc}: lists of {name, address}
  subject         text,                                     -- only where it differs from the conversation's
  body_text       text        not null default '',          -- what was written now
  body_html       text,                                     -- the same, cleaned
  quoted_text     text,                                     -- what was quoted below it; folded, never thrown away
  quoted_html     text,
  activity        jsonb,                                    -- of 'activity': {what, from, to}
  rfc_message_id  text,
  inbound_id      uuid,                                     -- the mail it came in
  message_id      uuid,                                     -- the message it left as
  is_automatic    boolean     not null default false,       -- an auto-reply, an absence note, a mail of a machine
  matched_by      text,                                     -- why it stands in this conversation
  authentication  jsonb,
  undo_until      timestamptz,                              -- of what is being sent: until then it can be taken back
  edited_at       timestamptz,
  edited_by       uuid,
  hidden_at       timestamptz,
  created_at      timestamptz not null,
  primary key (workspace_id, conversation_id, id),
  foreign key (workspace_id, conversation_id) references conversation on delete cascade,
  constraint conversation_item_activity_says_what check ((kind = 'activity') = (activity is not null)),
  constraint conversation_item_of_a_customer_is_not_an_agents check (kind <> 'customer' or user_id is null or channel = 'phone')
);
create unique index conversation_item_id_is_unique on conversation_item (workspace_id, id);
create index conversation_item_of_message on conversation_item (workspace_id, message_id) where message_id is not null;
create index conversation_item_of_inbound on conversation_item (workspace_id, inbound_id) where inbound_id is not null;
call protect_workspace('conversation_item');

-- What an item said before it was edited.
create table conversation_item_version (
  workspace_id uuid        not null,
  item_id      uuid        not null,
  version      int         not null,
  body_text    text        not null,
  body_html    text,
  user_id      uuid,
  replaced_at  timestamptz not null,
  primary key (workspace_id, item_id, version)
);
call protect_workspace('conversation_item_version');

create table conversation_file (
  workspace_id uuid     not null,
  item_id      uuid     not null,
  ordinal      smallint not null,
  filename     text     not null,
  content_type text     not null,
  size_bytes   bigint   not null,
  content_id   text,
  is_inline    boolean  not null,
  hash         bytea    not null,                           -- the blob
  primary key (workspace_id, item_id, ordinal)
);
call protect_workspace('conversation_file');

-- Message-IDs that an answer may refer to: of what came in, of what left, and what a provider made of it.
create table conversation_reference (
  workspace_id    uuid   not null,
  rfc_id          text   not null,                          -- with angle brackets
  conversation_id uuid   not null,
  item_id         uuid   not null,
  source          text   not null constraint conversation_reference_source_is_known check (source in ('inbound', 'outgoing', 'notification', 'alias')),
  primary key (workspace_id, rfc_id, item_id),
  foreign key (workspace_id, conversation_id) references conversation on delete cascade
);
create index conversation_reference_of_conversation on conversation_reference (workspace_id, conversation_id);
call protect_workspace('conversation_reference');

-- Everybody who is or was addressed, apart from who asks.
create table conversation_participant (
  workspace_id    uuid        not null,
  conversation_id uuid        not null,
  address         text        not null,
  name            text        not null default '',
  contact_id      uuid,
  is_removed      boolean     not null default false,       -- an agent took them out: an answer that names them does not bring them back
  added_at        timestamptz not null,
  primary key (workspace_id, conversation_id, address),
  foreign key (workspace_id, conversation_id) references conversation on delete cascade
);
create index conversation_participant_address on conversation_participant (workspace_id, address);
call protect_workspace('conversation_participant');

create table conversation_follower (
  workspace_id    uuid not null,
  conversation_id uuid not null,
  user_id         uuid not null,
  primary key (workspace_id, conversation_id, user_id),
  foreign key (workspace_id, conversation_id) references conversation on delete cascade
);
call protect_workspace('conversation_follower');

create table conversation_star (
  workspace_id    uuid        not null,
  user_id         uuid        not null,
  conversation_id uuid        not null,
  starred_at      timestamptz not null,
  primary key (workspace_id, user_id, conversation_id),
  foreign key (workspace_id, conversation_id) references conversation on delete cascade
);
call protect_workspace('conversation_star');

create table conversation_link (
  workspace_id uuid        not null,
  a            uuid        not null,
  b            uuid        not null,
  kind         text        not null constraint conversation_link_kind_is_known check (kind in ('related', 'split', 'clone', 'forward')),
  created_at   timestamptz not null,
  primary key (workspace_id, a, b),
  foreign key (workspace_id, a) references conversation on delete cascade,
  foreign key (workspace_id, b) references conversation on delete cascade,
  constraint conversation_link_joins_two check (a <> b)
);
create index conversation_link_back on conversation_link (workspace_id, b);
call protect_workspace('conversation_link');

-- How many conversations stand where: changes of the same transactions, folded now and then. Nothing counts over all rows.
create table conversation_count (
  workspace_id uuid   not null,
  inbox_id     uuid   not null,
  status       text   not null,                             -- a status, 'snoozed' or 'deleted'
  assignee_id  uuid,
  n            bigint not null
);
create index conversation_count_of_workspace on conversation_count (workspace_id, inbox_id, status, assignee_id);
call protect_workspace('conversation_count', 'select, insert');

-- The only writer of counts: whoever changes a conversation, by whatever statement, is counted.
create function count_conversation() returns trigger
  language plpgsql as $$
declare
  before text := case when old is null then null when old.merged_into is not null then null when old.deleted_at is not null then 'deleted' when old.snoozed_until is not null then 'snoozed' else old.status end;
  after  text := case when new is null then null when new.merged_into is not null then null when new.deleted_at is not null then 'deleted' when new.snoozed_until is not null then 'snoozed' else new.status end;
begin
  if before is not distinct from after and old.inbox_id is not distinct from new.inbox_id and old.assignee_id is not distinct from new.assignee_id then
    return null;
  end if;
  if before is not null then
    insert into conversation_count values (old.workspace_id, old.inbox_id, before, old.assignee_id, -1);
  end if;
  if after is not null then
    insert into conversation_count values (new.workspace_id, new.inbox_id, after, new.assignee_id, 1);
  end if;
  return null;
end
$$;
create trigger conversation_is_counted after insert or delete or update of status, snoozed_until, deleted_at, merged_into, inbox_id, assignee_id on conversation
  for each row execute function count_conversation();
