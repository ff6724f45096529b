-- What agents are told, and who is looking.
--
-- A notification is decided once, in the transaction of its cause: a row for each person, whatever their address is. The unique key makes that the
-- same cause tells nobody twice; the row says by which media they were told and by which row of their settings. Its email is a message with a life
-- of its own, named here.

-- What a person wants to be told, where it differs from what everybody gets. `choices` is {reason: [medium, …]}.
create table notification_setting (
  workspace_id uuid        not null references workspace on delete cascade,
  user_id      uuid        not null,
  choices      jsonb       not null default '{}' constraint notification_setting_choices_are_an_object check (jsonb_typeof(choices) = 'object'),
  muted        uuid[]      not null default '{}' constraint notification_setting_has_at_most_1000_muted check (cardinality(muted) <= 1000), -- inboxes
  updated_at   timestamptz not null,
  primary key (workspace_id, user_id)
);
call protect_workspace('notification_setting');

create table notification (
  workspace_id    uuid        not null,
  id              uuid        not null,
  user_id         uuid        not null,
  conversation_id uuid        not null,
  item_id         uuid,
  cause_id        uuid        not null,                     -- the item, or what else happened
  event           text        not null constraint notification_event_is_known
    check (event in ('conversation_started', 'customer_replied', 'agent_replied', 'note_added', 'forwarded', 'assigned', 'mentioned', 'moved',
                     'snooze_over', 'send_failed')),
  reason          text        not null,                     -- the row of the settings by which they are told
  actor_id        uuid,                                     -- null: a customer, or Waybill itself
  in_app          boolean     not null,
  by_push         boolean     not null,
  message_id      uuid,                                     -- its email
  created_at      timestamptz not null,
  read_at         timestamptz,
  primary key (workspace_id, id),
  foreign key (workspace_id, conversation_id) references conversation on delete cascade
);
create unique index notification_is_made_once on notification (workspace_id, cause_id, event, user_id);
create index notification_of_user on notification (workspace_id, user_id, id desc) where in_app;
create index notification_unread on notification (workspace_id, user_id) where in_app and read_at is null;
create index notification_of_conversation on notification (workspace_id, conversation_id, user_id);
create index notification_by_age on notification (created_at);
call protect_workspace('notification', 'select, insert, update');

-- The pair of keys by which push services know this server (RFC 8292). One for all workspaces: a browser has one subscription for a site.
create table push_key (
  is_only     boolean     primary key default true constraint push_key_is_only_one check (is_only),
  public_key  bytea       not null constraint push_key_public_has_65_bytes check (octet_length(public_key) = 65),
  private_key bytea       not null,                         -- sealed
  created_at  timestamptz not null
);

-- A browser in which somebody wants to be told.
create table push_subscription (
  workspace_id uuid        not null references workspace on delete cascade,
  id           uuid        not null,
  user_id      uuid        not null,
  endpoint     text        not null constraint push_subscription_endpoint_is_an_address check (endpoint ~ '^https?://' and length(endpoint) <= 1000),
  p256dh       bytea       not null constraint push_subscription_key_has_65_bytes check (octet_length(p256dh) = 65),
  auth         bytea       not null constraint push_subscription_secret_has_16_bytes check (octet_length(auth) = 16),
  browser      text        not null default '',
  created_at   timestamptz not null,
  used_at      timestamptz,
  problem      text,                                        -- why the last try failed
  primary key (workspace_id, id)
);
create unique index push_subscription_is_of_one_person on push_subscription (workspace_id, endpoint);
create index push_subscription_of_user on push_subscription (workspace_id, user_id);
call protect_workspace('push_subscription');

-- One notification to one browser. What is not settled is due.
create table push (
  workspace_id    uuid        not null,
  id              uuid        not null,
  notification_id uuid        not null,
  subscription_id uuid        not null,
  state           text        not null default 'waiting' constraint push_state_is_known check (state in ('waiting', 'sent', 'dropped')),
  due_at          timestamptz,
  attempts        int         not null default 0,
  reason          text,                                     -- of 'dropped'
  created_at      timestamptz not null,
  settled_at      timestamptz,
  primary key (workspace_id, id),
  foreign key (workspace_id, notification_id) references notification on delete cascade,
  foreign key (workspace_id, subscription_id) references push_subscription on delete cascade,
  constraint push_waits_until_something check ((state = 'waiting') = (due_at is not null)),
  constraint push_settled_only_at_the_end check ((state = 'waiting') = (settled_at is null)),
  constraint push_dropped_says_why check ((state = 'dropped') = (reason is not null))
);
create unique index push_is_made_once on push (workspace_id, notification_id, subscription_id);
create index push_due on push (due_at) where state = 'waiting';
create index push_of_subscription on push (workspace_id, subscription_id);
create index push_by_age on push (created_at);
call protect_workspace('push', 'select, insert');

-- Who has a conversation open, by page of a browser. Rows end by themselves; unlogged, since after a crash everybody says anew within seconds
-- whether they still look.
create unlogged table presence (
  workspace_id    uuid        not null,
  conversation_id uuid        not null,
  user_id         uuid        not null,
  page            uuid        not null,
  doing           text        not null constraint presence_doing_is_known check (doing in ('looking', 'writing')),
  ends_at         timestamptz not null,
  primary key (workspace_id, conversation_id, user_id, page)
);
create index presence_by_end on presence (ends_at);
call protect_workspace('presence');
