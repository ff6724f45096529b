import { totalmem } from 'node:os'
import type { Reach } from './reach.ts'

/**
 * PostgreSQL's settings. Memory is modest, for a machine that runs more than this. Commits are durable; what makes them cheap is
 * that Waybill batches them. WAL is allowed to grow to 1 GB and checkpoints are spread, since a mail queue writes all day long.
 */
export function configuration(reach: Reach, durable: boolean): string {
  const settings: Record<string, string> = {
    ...(reach.password
      ? { listen_addresses: quoted(reach.host), unix_socket_directories: "''" }
      : {
          listen_addresses: "''",
          unix_socket_directories: quoted(`"${reach.host.replaceAll('"', '""')}"`),
          unix_socket_permissions: '0700',
        }),
    port: String(reach.port),
    max_connections: '100',
    shared_buffers: `'${bufferMegabytes()}MB'`,
    effective_cache_size: `'${4 * bufferMegabytes()}MB'`,
    work_mem: "'8MB'",
    maintenance_work_mem: "'64MB'",
    fsync: durable ? 'on' : 'off',
    synchronous_commit: durable ? 'on' : 'off',
    full_page_writes: durable ? 'on' : 'off',
    wal_level: 'replica',
    max_wal_size: "'1GB'",
    min_wal_size: "'128MB'",
    checkpoint_timeout: "'15min'",
    checkpoint_completion_target: '0.9',
    log_checkpoints: 'off',
    // Parallel workers share memory in /dev/shm, of which a container has 64 MB; a query that fails there costs more than it gains.
    max_parallel_workers_per_gather: '0',
    jit: 'off',
    random_page_cost: '1.1',
    autovacuum_vacuum_scale_factor: '0.05',
    autovacuum_vacuum_cost_delay: "'1ms'",
    autovacuum_naptime: "'15s'",
    log_destination: "'stderr'",
    logging_collector: 'off',
    log_line_prefix: quoted('%m [%p] %q%u@%d '),
    log_min_messages: 'warning',
    log_min_error_statement: 'panic',
    log_startup_progress_interval: "'5s'",
    log_timezone: "'UTC'",
    timezone: "'UTC'",
    datestyle: "'iso, ymd'",
    default_text_search_config: "'pg_catalog.simple'",
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`)
  return [
    '# Written by Waybill at every start. Your own settings go into local.conf beside this file.',
    ...lines,
    "include 'local.conf'",
    '',
  ].join('\n')
}

/**
 * An eighth of the memory there is (of the container, where there is one), between 128 MB and 1 GB: mail that waits is read back soon, and what
 * still lies in these buffers is neither written nor read in between.
 */
function bufferMegabytes(): number {
  const limit = process.constrainedMemory()
  const bytes = limit > 0 ? Math.min(totalmem(), limit) : totalmem()
  return Math.min(1024, Math.max(128, Math.floor(bytes / 8 / 1_048_576)))
}

/** Who may connect: through the private socket whoever may enter its folder; on the loopback whoever knows the password. */
export function hostRules(reach: Reach): string {
  return reach.password ? 'host all all 127.0.0.1/32 scram-sha-256\n' : 'local all all trust\n'
}

/** A value in PostgreSQL's configuration syntax, in which a backslash begins an escape. */
function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''").replaceAll('\n', '\\n')}'`
}
