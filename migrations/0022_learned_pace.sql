-- A pace that a receiver taught us: it said that we send too fast. Halved with every such answer, it rises again by itself and goes after a day
-- without one. What a person has set is never touched.

alter table pace add column learned_at timestamptz;
alter table pace add column learned_why text constraint pace_learned_why_is_short check (length(learned_why) <= 1000);
alter table pace add column raised_at timestamptz;
alter table pace add constraint pace_says_why_it_was_learned check ((learned_at is null) = (learned_why is null));
create index pace_learned on pace (learned_at) where learned_at is not null;
