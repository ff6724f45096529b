-- What counts the log's events does so in one regular job now, follow.counters. Nobody comes round for the single ones any more, and one that is
-- forgotten would be told as overdue.
delete from periodic_job where name in ('follow.delivery.hours', 'follow.delivery.domain_verdicts', 'follow.delivery.receivers', 'follow.delivery.replies');
