-- What the pages of a campaign ask, however many people it has: who is in which state, who was looked for by address, and how fast it goes.

-- Of a mailing, who came to which end. Only settled ones: what waits is found by its lanes, what is in hand or needs a person is few, so that
-- nothing is written for a delivery before it is over.
create index delivery_of_mailing on delivery (mailing_id, state, id) where mailing_id is not null and settled_at is not null;
-- Waits for another try: counted up to a limit.
create index delivery_deferred on delivery (mailing_id, id) where mailing_id is not null and state = 'queued' and attempt > 0;
create index delivery_of_mailing_unsettled on delivery (mailing_id, state, id) where mailing_id is not null and state in ('held', 'unknown');

-- Those who are prepared have one (campaign_recipient_address_once).
create index campaign_recipient_excluded_address on campaign_recipient (workspace_id, campaign_id, address) where state = 'excluded';

-- How many had left at some moments of the last hour, while it was sent: the rate of now is a difference of two.
create table campaign_pulse (
  workspace_id uuid        not null,
  campaign_id  uuid        not null,
  at           timestamptz not null,
  n            int         not null constraint campaign_pulse_is_no_less_than_none check (n >= 0),
  primary key (workspace_id, campaign_id, at),
  foreign key (workspace_id, campaign_id) references campaign on delete cascade
);
call protect_workspace('campaign_pulse');
