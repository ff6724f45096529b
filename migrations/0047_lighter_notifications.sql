-- Twenty agents are twenty notifications of one mail. Old ones are looked for by age once a day only: an index of ranges of pages does for that, since
-- they are written in the order of time, and writing a row does not touch it.
drop index notification_by_age;
create index notification_by_age on notification using brin (created_at) with (pages_per_range = 32);
