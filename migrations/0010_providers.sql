-- What is known of the accounts behind routes to a provider's API, and which route stands for WAYBILL_SMTP_URL.

-- The domains that a provider sends for, as it said when it was last asked. A route is no way out for a domain that its provider refuses.
create table route_domain (
  workspace_id uuid        not null references workspace on delete cascade,
  route_id     uuid        not null,
  domain       text        not null constraint route_domain_is_written_small check (domain = lower(domain) and length(domain) between 1 and 255),
  state        text        not null constraint route_domain_state_is_known check (state in ('verified', 'pending', 'failed')),
  detail       text,                                      -- the provider's own words
  checked_at   timestamptz not null,
  primary key (workspace_id, route_id, domain),
  constraint route_domain_belongs_to_a_route foreign key (workspace_id, route_id) references route on delete cascade
);
call protect_workspace('route_domain');

-- When the provider was last asked, and what kept it from answering: the domains above then stand as they were.
create table route_account (
  workspace_id uuid        not null references workspace on delete cascade,
  route_id     uuid        not null,
  examined_at  timestamptz not null,
  examination  jsonb       not null,                      -- the checks, the quota
  domains_at   timestamptz,                               -- when the domains were last read; null: never
  primary key (workspace_id, route_id),
  constraint route_account_belongs_to_a_route foreign key (workspace_id, route_id) references route on delete cascade
);
call protect_workspace('route_account');

-- Renamed it stays the one; removed it stays away. Its name, by which it was known before, is anybody's now.
alter table route add column configured boolean not null default false;
update route as r
   set configured = true
 where r.id in (select distinct on (workspace_id) id from route where name = 'WAYBILL_SMTP_URL' and kind = 'smtp'
                 order by workspace_id, (removed_at is null) desc, created_at desc);
create unique index route_one_configured_a_workspace on route (workspace_id) where configured;
