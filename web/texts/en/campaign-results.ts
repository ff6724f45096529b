import { counted, grouped } from '../plural.ts'

const people = { one: 'person', other: 'people' }
const times = { one: 'time', other: 'times' }

export const campaignResults = {
  results: {
    summary: 'What came of it',
    nothing: 'Nothing yet',
    nothingSentence: 'Numbers appear here when the first mail has left, some seconds after it happened.',
    of: (n: number, all: number) => `${grouped(n)} of ${grouped(all)}`,
    basis: {
      delivered: (n: number) => `Shares are of the ${counted(n, people)} whose receivers confirmed that it arrived.`,
      reached: (n: number) =>
        `Shares are of the ${counted(n, people)} whose mail server took it and did not send it back. Few receivers confirm that mail arrived.`,
      nobody: (_: number) => 'It has reached nobody yet.',
    },
    rows: {
      reached: 'Reached',
      delivered: 'Confirmed',
      bounced: 'Bounced',
      opened: 'Opened',
      clicked: 'Followed a link',
      replied: 'Answered',
      unsubscribed: 'Left',
      complained: 'Reported as spam',
      failed: 'Failed on our side',
      expired: 'Given up',
      suppressed: 'Suppressed while waiting',
      cancelled: 'Cancelled',
    },
    columns: { what: 'What', people: 'People', share: 'Share', note: 'Note' },
    returned: (n: number) => `${grouped(n)} of them came back after a server had taken them`,
    apart: (proxy: number, scanner: number, unknown: number) =>
      [
        proxy > 0 ? `${grouped(proxy)} by mail providers (Apple, Gmail and others)` : '',
        scanner > 0 ? `${grouped(scanner)} by scanners` : '',
        unknown > 0 ? `${grouped(unknown)} by nobody knows whom` : '',
      ]
        .filter(Boolean)
        .join(', '),
    also: (text: string) => `Not counted here: ${text}.`,
    often: (n: number) => `${counted(n, times)} in all`,
    openedHint: 'Many mail programs load no pictures, so more have read it.',
    notTracked: 'Not measured: this campaign does not track it.',
    course: 'Over time',
    courseOf: { sending: 'Sending', reading: 'Reading', leaving: 'Leaving' },
    show: 'Show',
    courseLabel: (what: string, points: number, by: 'hour' | 'day') =>
      `${what}, ${points} ${by === 'hour' ? 'hours' : 'days'}. Arrow keys move along it.`,
    point: (when: string, parts: readonly string[]) => `${when}: ${parts.join(', ')}`,
    part: (n: number, name: string) => `${grouped(n)} ${name.toLowerCase()}`,
    noCourse: 'Nothing of this kind has happened yet.',
    asTable: 'As a table',
    when: { hour: 'Hour', day: 'Day' },
    series: {
      accepted: 'Taken by mail servers',
      bounced: 'Bounced',
      lost: 'Failed or given up',
      opened: 'Opened',
      clicked: 'Followed a link',
      replied: 'Answered',
      unsubscribed: 'Left',
      complained: 'Reported as spam',
    },
    links: 'Links',
    linksLabel: 'Links of this campaign',
    noLinks: 'No link of this campaign is tracked.',
    link: 'Link',
    clickers: 'People',
    clicks: 'Clicks',
    ofClickers: 'Share of all who followed one',
    byPrograms: 'By scanners',
    showAll: (n: number) => `Show all ${grouped(n)}`,
    showFewer: 'Show fewer',
    receivers: 'Receivers',
    receiversLabel: 'Results by receiver',
    receiver: 'Receiver',
    classes: 'Why it did not arrive',
    classesLabel: 'Reasons of failure',
    class: 'Reason',
    lost: 'Mails',
    whose: (bounced: number, expired: number, failed: number) =>
      [
        bounced > 0 ? `${grouped(bounced)} bounced` : '',
        expired > 0 ? `${grouped(expired)} given up` : '',
        failed > 0 ? `${grouped(failed)} failed` : '',
      ]
        .filter(Boolean)
        .join(', '),
    variants: 'Versions',
    variantsLabel: 'Results by version',
    variant: 'Version',
    csv: 'CSV',
    csvOf: (name: string) => `${name} as a CSV file`,
    compare: 'Compare with others',
  },
  compare: {
    title: 'Compare campaigns',
    lead: 'Campaigns beside each other. Older ones had more time: choose how long after its start each is looked at.',
    pick: 'Campaigns',
    pickHint: 'Up to 20 that have been started.',
    within: 'Count what came within',
    everything: 'all the time there was',
    hours: (n: number) => (n < 48 ? counted(n, { one: 'hour', other: 'hours' }) : `${n / 24} days`),
    label: 'Campaigns compared',
    campaign: 'Campaign',
    recipients: 'Recipients',
    none: 'No campaigns chosen',
    noneSentence: 'Choose two or more above to see them beside each other.',
    removed: 'Some of the campaigns in the address do not exist.',
    basis: 'Shares are of confirmed deliveries where receivers confirm them, else of everybody whose mail server took it.',
  },
}
