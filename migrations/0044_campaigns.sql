-- Campaigns: one content to many people, each of whom is accounted for. Whoever is looked at becomes a row, before the first mail leaves: prepared,
-- or excluded with the reason. What becomes of the prepared ones are deliveries of one mailing (0043); their states are the delivery's own.

create table campaign (
  workspace_id   uuid        not null references workspace on delete cascade,
  id             uuid        not null,
  name           text        not null constraint campaign_name_has_1_to_200_characters check (length(name) between 1 and 200),
  state          text        not null constraint campaign_state_is_known
                             check (state in ('draft', 'scheduled', 'preparing', 'sending', 'paused', 'done', 'cancelled')),
  version        int         not null default 1,             -- grows with every change of what it says
  content        jsonb       not null,                       -- src/templates/content.ts
  sender         text        not null,                       -- the author, as people read it
  reply_to       text,
  audience       jsonb       not null,                       -- src/campaigns/audience.ts
  pace           jsonb,                                      -- {amount, per}
  tracking       jsonb       not null default '{}',
  scheduled_at   timestamptz,
  time_zone      text        not null default 'UTC',         -- in which people wrote the schedule
  question       jsonb,                                      -- why a schedule that is due waits for a person
  reason         jsonb,                                      -- why it is paused or cancelled
  -- While it is prepared: what is done, and how far. The cursor moves in the transaction of the work.
  phase          text        constraint campaign_phase_is_known check (phase in ('freezing', 'filling', 'checking')),
  cursor         uuid,
  mailing_id     uuid,
  content_hash   bytea,                                      -- the stencil
  size_bytes     bigint,
  parts          jsonb,                                      -- what the values are made by
  link_set       uuid,
  -- A base and nothing but sums of the steps: candidates are prepared or excluded.
  candidates     int         not null default 0,
  prepared       int         not null default 0,
  excluded       int         not null default 0,
  -- Sending again what failed: of which classes, for whom it was asked, how many it was. Null: nothing is under way.
  again          jsonb,
  again_cursor   uuid,
  -- What moved last, and how many were settled then: what should move and does not is seen by it.
  settled        int         not null default 0,
  moved_at       timestamptz,
  created_at     timestamptz not null,
  created_by     text,
  updated_at     timestamptz not null,
  started_at     timestamptz,                                -- the first mail could leave
  finished_at    timestamptz,
  primary key (workspace_id, id),
  constraint campaign_scheduled_has_a_time      check (state <> 'scheduled' or scheduled_at is not null),
  constraint campaign_phase_only_when_preparing check ((state = 'preparing') = (phase is not null)),
  constraint campaign_pause_explains_itself     check ((state = 'paused') <= (reason is not null)),
  constraint campaign_under_way_has_a_mailing   check (state in ('draft', 'scheduled', 'cancelled') or mailing_id is not null),
  constraint campaign_counts_are_a_sum          check (candidates = prepared + excluded and prepared >= 0 and excluded >= 0),
  constraint campaign_ended_when_it_is_over     check ((state in ('done', 'cancelled')) = (finished_at is not null))
);
create index campaign_under_way on campaign (state, moved_at) where state in ('scheduled', 'preparing', 'sending', 'paused');
create unique index campaign_of_mailing on campaign (mailing_id) where mailing_id is not null;
call protect_workspace('campaign');

-- One person of one campaign, by one address, once.
create table campaign_recipient (
  workspace_id uuid not null,
  campaign_id  uuid not null,
  contact_id   uuid not null,
  address      text not null,                                -- lower case; '' for whoever has none
  state        text not null constraint campaign_recipient_state_is_known check (state in ('prepared', 'excluded')),
  reason       text constraint campaign_recipient_reason_is_known
                    check (reason in ('unsubscribed', 'unconfirmed', 'suppressed', 'no_address', 'malformed', 'duplicate', 'missing_field', 'unrenderable', 'gone')),
  detail       text not null default '' constraint campaign_recipient_detail_is_short check (length(detail) <= 500),
  delivery_id  uuid,                                         -- the latest
  tries        smallint not null default 0,                  -- how often it was sent again, after it failed
  -- No foreign key: only drafts are removed, which nobody is in yet, and a check per recipient was a fifth of the price of freezing.
  primary key (workspace_id, campaign_id, contact_id),
  constraint campaign_recipient_excluded_says_why check ((state = 'excluded') = (reason is not null)),
  constraint campaign_recipient_excluded_is_not_mailed check (state = 'prepared' or delivery_id is null)
) with (fillfactor = 70);
create unique index campaign_recipient_address_once on campaign_recipient (workspace_id, campaign_id, address) where state = 'prepared';
create index campaign_recipient_excluded on campaign_recipient (workspace_id, campaign_id, reason, contact_id) where state = 'excluded';
create index campaign_recipient_of_contact on campaign_recipient (workspace_id, contact_id, campaign_id);
create index campaign_recipient_of_delivery on campaign_recipient (workspace_id, delivery_id) where delivery_id is not null;
call protect_workspace('campaign_recipient');

-- How many were excluded for which reason.
create table campaign_exclusion (
  workspace_id uuid not null,
  campaign_id  uuid not null,
  reason       text not null,
  n            int  not null,
  primary key (workspace_id, campaign_id, reason),
  foreign key (workspace_id, campaign_id) references campaign on delete cascade
);
call protect_workspace('campaign_exclusion');
