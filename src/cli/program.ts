import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import packageFile from '../../package.json' with { type: 'json' }
import { Refusal } from '../errors.ts'
import { Explained } from '../lib/explained.ts'
import type { DomainOptions } from './doctor-domain.ts'
import { HELP } from './help.ts'
import type { ImportOptions } from './import-contacts.ts'
import { isStream, type SendOptions } from './send-options.ts'

/** The command line. Each command is loaded when it is called: `--help` answers at once. */
export async function program(argv: readonly string[]): Promise<void> {
  // Whoever read what we say may be gone (`waybill start | head`, a closed terminal): that ends nothing.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  const waybill = new Command('waybill')
    .description('An email operations server: every message has a waybill.')
    .version(packageFile.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .showHelpAfterError('(waybill --help lists the commands.)')
    .exitOverride()
    .addHelpText('after', HELP.waybill)

  waybill
    .command('start')
    .description('Run the server: database, web interface, API and delivery, as WAYBILL_ROLES says.')
    .addHelpText('after', HELP.start)
    .action(async () => (await import('./start.ts')).start())

  waybill
    .command('migrate')
    .description('Bring the database forward to this version, and stop.')
    .addHelpText('after', HELP.migrate)
    .action(async () => (await import('./migrate.ts')).migrateCommand())

  const doctor = waybill
    .command('doctor')
    .description('Examine a mail server step by step, or (doctor domain) a domain, without sending anything.')
    .argument('<smtp-url>', 'smtp://user:password@host:587?security=starttls')
    .option('--from <address>', 'envelope sender of the trial')
    .option('--to <address>', 'envelope recipient of the trial')
    .addHelpText('after', HELP.doctor)
    .action(async (url: string, options: { from?: string; to?: string }) => (await import('./doctor.ts')).doctor(url, options))

  doctor
    .command('domain')
    .description('Examine a domain that mail is sent from: what the DNS says of it, and what to publish.')
    .argument('<domain>', 'such as example.org')
    .option('--selector <name>', 'a DKIM selector to look at; may be repeated', collect)
    .option('--ip <address>', 'an address that mail leaves from; may be repeated', collect)
    .option('--relay <host>', 'the mail server that mail leaves by')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', HELP.doctorDomain)
    .action(async (domain: string, options: DomainOptions) => (await import('./doctor-domain.ts')).doctorDomain(domain, options))

  waybill
    .command('send')
    .description('Send a message, and follow it to its end.')
    .option('--from <address>', 'sender, such as "Shop <shop@example.com>"')
    .option('--to <address>', 'recipient; may be repeated', collect)
    .option('--cc <address>', 'recipient of a copy; may be repeated', collect)
    .option('--bcc <address>', 'recipient nobody sees; may be repeated', collect)
    .option('--subject <text>', 'subject', '')
    .option('--text <text>', 'body; read from standard input when neither --text, --html nor --file is given')
    .option('--html <html>', 'body in HTML')
    .option('--file <mail.eml>', 'a finished mail (RFC 5322); --to then says who gets it instead of its headers')
    .addOption(new Option('--stream <stream>', 'transactional, conversation or bulk').default('transactional').argParser(stream))
    .option('--wait <seconds>', 'how long to follow it; 0: not at all', seconds, 30)
    .addHelpText('after', HELP.send)
    .action(async (options: SendOptions) => (await import('./send.ts')).sendCommand(options))

  waybill
    .command('import')
    .description('Read a file of people in: import contacts FILE.')
    .command('contacts')
    .description('Import people from a CSV or TSV file, or a ZIP of them.')
    .argument('<file>', 'as other tools export it')
    .option('--consent <text>', 'how these people agreed to be written to; kept with each of them')
    .option('--list <name>', 'a list they are put on; may be repeated', collect)
    .option('--tag <tag>', 'a tag they get; may be repeated', collect)
    .option('--column <meaning>', 'what the columns mean, one after another, where the names do not say it', collect)
    .addOption(
      new Option('--policy <policy>', 'what becomes of people who are known')
        .choices(['keep', 'fill', 'overwrite'])
        .default('fill'),
    )
    .option('--delimiter <name>', 'comma, semicolon, tab or |; found out when left out')
    .option('--confirmed', 'they confirmed their addresses elsewhere')
    .option('--split', 'split rows that are separated otherwise than the file')
    .option('--accept-invalid', 'import the others when more than 2 % cannot be read')
    .option('--dry-run', 'look at every row, and write nobody')
    .addHelpText('after', HELP.importContacts)
    .action(async (file: string, options: ImportOptions) => (await import('./import-contacts.ts')).importContacts(file, options))

  waybill
    .command('inspect')
    .description('Say of mail files what they are: bounces, complaints, automatic answers, messages. One line of JSON a file.')
    .argument('<file...>', 'mails as they came (RFC 5322); - reads one from standard input')
    .addHelpText('after', HELP.inspect)
    .action(async (files: string[]) => (await import('./inspect.ts')).inspectCommand(files))

  waybill
    .command('backup')
    .description('Copy everything into an empty folder: one consistent moment of the database, and all attachments.')
    .argument('<folder>', 'made if it does not exist')
    .addHelpText('after', HELP.backup)
    .action(async (folder: string) => (await import('./backup.ts')).backupCommand(folder))

  waybill
    .command('restore')
    .description(
      'Fill an empty data folder (or database) from a backup. What was waiting is held: nothing is sent without being asked.',
    )
    .argument('<folder>', 'made by waybill backup')
    .addHelpText('after', HELP.restore)
    .action(async (folder: string) => (await import('./backup.ts')).restoreCommand(folder))

  waybill
    .command('console')
    .description('A JavaScript prompt with the database and every verb, for looking and mending.')
    .addHelpText('after', HELP.console)
    .action(async () => (await import('./console.ts')).consoleCommand())

  try {
    await waybill.parseAsync([...argv])
  } catch (error) {
    process.exitCode = exitCodeOf(error)
  }
}

/** People get sentences; a stack is for faults only. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode
  if (error instanceof Explained || error instanceof Refusal) process.stderr.write(`${error.message}\n`)
  else process.stderr.write(`Something went wrong that should not:\n${error instanceof Error ? error.stack : String(error)}\n`)
  return 1
}

function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value]
}

function seconds(value: string): number {
  const number = Number(value)
  if (!Number.isFinite(number) || number < 0 || number > 86_400)
    throw new InvalidArgumentError('Expected a number of seconds from 0 to 86400.')
  return number
}

function stream(value: string): string {
  if (!isStream(value)) throw new InvalidArgumentError('Expected transactional, conversation or bulk.')
  return value
}
