-- What campaigns do beside being sent: answers to them become conversations; their links say where people came from; each may have it at an hour of
-- their own; several versions of one are tried out before the rest gets the best; people get no more of them than the workspace wants; and they can be
-- read on the web afterwards.

alter table campaign
  add column reply_inbox_id uuid,                            -- where answers go; null: wherever they come in
  add column utm            jsonb,                           -- src/campaigns/utm.ts
  add column local_time     jsonb,                           -- src/campaigns/local-time.ts
  add column local_date     text    constraint campaign_local_date_is_a_date check (local_date ~ '^\d{4}-\d{2}-\d{2}$'),
  add column begins_at      timestamptz,                     -- when the schedule begins its work: where people wrote a time, earlier for the first zone
  add column cap_exempt     boolean not null default false,
  add column is_public      boolean not null default false,
  add column archive_url    text,                            -- what its mails say of where it can be read
  add column ab             jsonb,                           -- src/campaigns/ab/ab-test.ts
  add column variants       jsonb,                           -- the stencils of all versions but the first
  add column decides_at     timestamptz,                     -- when the test of versions ends; null: nobody knows yet
  add column winner         smallint,
  add column decision       jsonb,                           -- how it was chosen, with the numbers of that moment
  add constraint campaign_winner_is_of_a_test check (winner is null or ab is not null),
  add constraint campaign_winner_says_why     check ((winner is null) = (decision is null));
update campaign set begins_at = scheduled_at;

-- Which version they got, or will get; null: what wins.
alter table campaign_recipient
  add column variant smallint;

alter table campaign_recipient drop constraint campaign_recipient_reason_is_known;
alter table campaign_recipient add constraint campaign_recipient_reason_is_known
  check (reason in ('left_out', 'unsubscribed', 'unconfirmed', 'not_subscribed', 'suppressed', 'no_address', 'malformed', 'duplicate', 'missing_field',
                    'unrenderable', 'gone', 'capped'));

-- How many mails of campaigns a person gets at most in so many days: of all campaigns, or of those to one list.
create table campaign_cap (
  workspace_id uuid        not null references workspace on delete cascade,
  list_id      uuid,
  mails        int         not null constraint campaign_cap_is_1_to_1000_mails check (mails between 1 and 1000),
  days         int         not null constraint campaign_cap_is_over_1_to_365_days check (days between 1 and 365),
  updated_at   timestamptz not null,
  constraint campaign_cap_is_one_a_list unique nulls not distinct (workspace_id, list_id),
  foreign key (workspace_id, list_id) references contact_list on delete cascade
);
call protect_workspace('campaign_cap');

-- What people answered to mails of campaigns. What machines answered is apart: it has no conversation.
create table campaign_reply (
  workspace_id    uuid        not null references workspace on delete cascade,
  inbound_id      uuid        not null,
  campaign_id     uuid        not null,
  delivery_id     uuid        not null,
  conversation_id uuid,
  is_automatic    boolean     not null,
  at              timestamptz not null,
  primary key (workspace_id, inbound_id),
  constraint campaign_reply_of_a_person_has_a_conversation check (is_automatic or conversation_id is not null)
);
create index campaign_reply_of_campaign on campaign_reply (workspace_id, campaign_id, is_automatic);
create index campaign_reply_of_delivery on campaign_reply (workspace_id, delivery_id);
call protect_workspace('campaign_reply');

-- Where a workspace's campaigns can be read by everybody.
create table campaign_archive (
  workspace_id uuid        primary key references workspace on delete cascade,
  slug         text        not null constraint campaign_archive_slug_is_a_word check (slug ~ '^[a-z0-9][a-z0-9-]{1,59}$'),
  title        text        not null constraint campaign_archive_title_has_1_to_200_characters check (length(title) between 1 and 200),
  description  text        not null default '' constraint campaign_archive_description_has_at_most_1000_characters check (length(description) <= 1000),
  is_open      boolean     not null,
  updated_at   timestamptz not null
);
create unique index campaign_archive_slug_is_used_once on campaign_archive (slug);
create index campaign_public on campaign (workspace_id, started_at desc, id desc) where is_public and started_at is not null;
call protect_workspace('campaign_archive');
