-- How far the log may be read.
--
-- A transaction gets its number before it commits, so readers stop below the oldest one that could still append. PostgreSQL numbers the
-- transactions of all its databases together, but what runs in another database cannot append here: a nightly report or an import there, however
-- long, must not hold the news up here.

-- The oldest transaction that may still write into this database: every younger number in the log is to come or already seen, every older one is
-- decided and seen by the statement that asks.
--
-- It counts everything as ours that is not known to be elsewhere. Who runs what is asked after the statement's snapshot was taken (a copy from
-- earlier in this transaction is thrown away), so a number that was running then and still is has belonged to one backend all the while, and the
-- database beside it is that backend's. What ended in between is shown no more, and a prepared transaction never: they count as ours, which only
-- makes readers wait. PostgreSQL shows number and database to every role.
--
-- `stable` is part of the law: such a function works with the snapshot of the statement that calls it. With a newer one it would call
-- transactions decided that the statement does not see. Our own transaction counts: what it appends comes after what it reads.
create function oldest_writer() returns xid8
  language sql stable
begin atomic
  select pg_stat_clear_snapshot();
  select least(
    pg_snapshot_xmax(pg_current_snapshot()),
    pg_current_xact_id_if_assigned(),
    (select min(running.xid)
       from pg_snapshot_xip(pg_current_snapshot()) as running (xid)
      where not exists (
        select from pg_stat_activity as elsewhere
         -- Numbers that run at the same time differ in their lower half.
         where elsewhere.backend_xid = running.xid::xid
           and elsewhere.datid <> (select oid from pg_database where datname = current_database())
      )));
end;
