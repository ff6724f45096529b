-- What came of campaigns, in numbers: moved by a follower of the log, in the transaction of its cursor, so that a page reads a handful of rows however
-- many people a campaign has. Each row is a part of the campaign: all of it, an hour, a receiver, or a class of failure.

create table campaign_figure (
  workspace_id    uuid not null references workspace on delete cascade,
  campaign_id     uuid not null,
  split           text not null constraint campaign_figure_split_is_known check (split in ('all', 'hour', 'receiver', 'class')),
  key             text not null,                            -- '' of all; the hour in UTC as 2026-11-22T10; the receiver; the class
  variant         text not null default '',
  accepted        int  not null default 0,                  -- a mail server took it
  delivered       int  not null default 0,                  -- the receiving side said that it arrived
  bounced         int  not null default 0,                  -- refused for good, or come back
  returned        int  not null default 0,                  -- of those: come back after it had been accepted
  failed          int  not null default 0,
  expired         int  not null default 0,
  suppressed      int  not null default 0,
  cancelled       int  not null default 0,
  complained      int  not null default 0,
  unsubscribed    int  not null default 0,
  replied         int  not null default 0,
  -- People, each once for each of these: a mail that a person and a proxy opened is in both.
  opened_human    int  not null default 0,
  opened_proxy    int  not null default 0,
  opened_scanner  int  not null default 0,
  opened_unknown  int  not null default 0,
  clicked_human   int  not null default 0,
  clicked_proxy   int  not null default 0,
  clicked_scanner int  not null default 0,
  clicked_unknown int  not null default 0,
  primary key (workspace_id, campaign_id, split, key, variant)
) with (fillfactor = 70);
call protect_workspace('campaign_figure', 'select');

-- From a campaign to its messages, of which each has up to a thousand recipients.
create index message_of_mailing on message (workspace_id, mailing_id) where mailing_id is not null;

-- How often each link of a text was followed, and its picture (link 0) loaded: counted in the transaction that says who it was, and kept when the single
-- requests are forgotten. `deliveries`: mails in which it happened at least once.
create table tracking_count (
  workspace_id uuid        not null references workspace on delete cascade,
  link_set     uuid        not null,
  link         smallint    not null,
  who          text        not null constraint tracking_count_who_is_known check (who in ('human', 'proxy', 'scanner', 'unknown')),
  hits         int         not null,
  deliveries   int         not null,
  since        timestamptz not null,
  primary key (workspace_id, link_set, link, who),
  constraint tracking_count_is_of_something check (hits >= 1 and deliveries between 0 and hits)
) with (fillfactor = 70);
call protect_workspace('tracking_count', 'select');

-- What was settled before this table was there.
insert into tracking_count (workspace_id, link_set, link, who, hits, deliveries, since)
select workspace_id, link_set, coalesce(link, 0), who, count(*), count(distinct delivery_id), min(at)
  from tracking_hit where settled_at is not null
 group by 1, 2, 3, 4;
