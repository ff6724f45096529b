-- Work that comes round again (partitions, folding of counts, clearing): whoever leases the row does it, exactly one process at a time.

create table periodic_job (
  name             text        primary key,
  due_at           timestamptz not null,
  lease_owner      uuid,
  lease_expires_at timestamptz,
  finished_at      timestamptz,
  error            text,
  constraint periodic_job_lease_has_an_end check ((lease_owner is null) = (lease_expires_at is null))
);
