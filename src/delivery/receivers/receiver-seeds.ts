/**
 * Receivers that we know by name: the mail servers they run (for themselves, and for the domains of their customers), and how hard one may
 * knock at their doors. The limits are where a route begins; it learns from answers, and a person may set others.
 *
 * Connections and messages a connection follow what the receivers publish and what large senders have found out; where nothing is known,
 * the usual ones.
 */
export interface ReceiverLimits {
  readonly maxConnections: number
  readonly maxMessagesPerConnection: number
}

export interface ReceiverSeed {
  readonly name: string
  /** For people. */
  readonly title: string
  /** Addresses of these are known to be its own, without a look at the DNS. */
  readonly domains: readonly string[]
  /** Its mail servers are these names or end in them. Not a provider's whole domain where the machines of its customers have names too. */
  readonly mx: readonly string[]
  readonly limits: ReceiverLimits
}

/** All receivers that are not known by name, as far as lanes and figures are concerned. */
export const OTHER = 'other'

export const USUAL_LIMITS: ReceiverLimits = { maxConnections: 10, maxMessagesPerConnection: 100 }

export const RECEIVER_SEEDS: readonly ReceiverSeed[] = [
  seed('google', 'Google', [5, 50], 'gmail.com googlemail.com', 'google.com googlemail.com psmtp.com'),
  seed(
    'microsoft',
    'Microsoft',
    [5, 50],
    'outlook.com hotmail.com live.com msn.com passport.com windowslive.com outlook.fr outlook.de outlook.es outlook.it outlook.be outlook.jp hotmail.fr hotmail.de hotmail.es hotmail.it hotmail.be hotmail.nl hotmail.se hotmail.co.uk hotmail.co.jp live.fr live.de live.be live.it live.nl live.se live.dk live.no live.ca live.co.uk live.com.au',
    'protection.outlook.com outlook.com hotmail.com mx.microsoft',
  ),
  seed(
    'yahoo',
    'Yahoo and AOL',
    [5, 20],
    'yahoo.com ymail.com rocketmail.com myyahoo.com aol.com aim.com verizon.net yahoo.fr yahoo.de yahoo.es yahoo.it yahoo.ca yahoo.in yahoo.co.uk yahoo.co.in yahoo.com.br yahoo.com.au yahoo.com.mx yahoo.com.ar yahoo.com.sg aol.de aol.fr aol.co.uk',
    'yahoodns.net',
  ),
  seed('yahoo-japan', 'Yahoo Japan', [2, 20], 'yahoo.co.jp ymail.ne.jp', 'yahoo.co.jp ymail.ne.jp'),
  seed('apple', 'Apple', [10, 5], 'icloud.com me.com mac.com', 'mail.icloud.com'),
  seed('comcast', 'Comcast', [25, 1000], 'comcast.net', 'mxge.comcast.net mx1.comcast.net mx2.comcast.net'),
  seed('att', 'AT&T', [5, 100], 'att.net sbcglobal.net bellsouth.net pacbell.net ameritech.net', 'prodigy.net'),
  seed('charter', 'Spectrum', [5, 100], 'charter.net roadrunner.com rr.com twc.com', 'charter.net'),
  seed('mimecast', 'Mimecast', [10, 100], '', 'mimecast.com mimecast.co.za mimecast-offshore.com'),
  seed('proofpoint', 'Proofpoint', [10, 100], '', 'pphosted.com ppe-hosted.com ppops.net gpphosted.com'),
  seed('cisco', 'Cisco Secure Email', [10, 100], '', 'iphmx.com'),
  seed('barracuda', 'Barracuda', [10, 100], '', 'barracudanetworks.com cudaops.com'),
  seed('broadcom', 'Broadcom Email Security', [10, 100], '', 'messagelabs.com'),
  seed(
    'gmx',
    'GMX, WEB.DE and mail.com',
    [4, 20],
    'gmx.net gmx.de gmx.at gmx.ch gmx.com gmx.fr gmx.eu web.de mail.com',
    'gmx.net web.de mail.com',
  ),
  seed('t-online', 'Telekom', [5, 50], 't-online.de magenta.de', 't-online.de'),
  seed('freenet', 'freenet', [5, 50], 'freenet.de', 'freenet.de'),
  seed('ionos', 'IONOS', [10, 100], '', 'kundenserver.de perfora.net ionos.de ionos.com ionos.fr ionos.co.uk 1and1.com 1and1.fr'),
  seed('strato', 'Strato', [10, 100], '', 'rzone.de'),
  seed('ovh', 'OVHcloud', [10, 100], '', 'mail.ovh.net redirect.ovh.net mail.ovh.ca'),
  seed('gandi', 'Gandi', [10, 100], '', 'mail.gandi.net'),
  seed('infomaniak', 'Infomaniak', [10, 100], 'ik.me ikmail.com', 'infomaniak.ch infomaniak.com'),
  seed('orange', 'Orange', [2, 100], 'orange.fr wanadoo.fr', 'smtp-in.orange.fr smtp-in.wanadoo.fr'),
  seed('free', 'Free', [5, 50], 'free.fr', 'mx1.free.fr mx2.free.fr'),
  seed('sfr', 'SFR', [5, 50], 'sfr.fr neuf.fr cegetel.net club-internet.fr', 'smtp-in.sfr.fr'),
  seed('laposte', 'La Poste', [5, 50], 'laposte.net', 'laposte.net'),
  seed('libero', 'Italiaonline', [5, 50], 'libero.it virgilio.it iol.it inwind.it', 'libero.it virgilio.it italiaonline.it'),
  seed('tim', 'TIM', [5, 50], 'tim.it alice.it tin.it', 'tim.it alice.it'),
  seed('seznam', 'Seznam', [5, 50], 'seznam.cz email.cz post.cz', 'seznam.cz'),
  seed('wp', 'WP and o2', [5, 50], 'wp.pl o2.pl', 'wp.pl o2.pl'),
  seed('onet', 'Onet', [5, 50], 'onet.pl op.pl poczta.onet.pl', 'onet.pl'),
  seed('mail-ru', 'Mail.ru', [10, 100], 'mail.ru bk.ru list.ru inbox.ru internet.ru', 'mail.ru'),
  seed('yandex', 'Yandex', [10, 100], 'yandex.ru yandex.com ya.ru yandex.by yandex.kz', 'yandex.ru yandex.net'),
  seed('proton', 'Proton', [10, 100], 'proton.me protonmail.com protonmail.ch pm.me', 'protonmail.ch'),
  seed(
    'zoho',
    'Zoho',
    [10, 100],
    'zoho.com zohomail.com zohomail.eu',
    'zoho.com zoho.eu zoho.in zoho.com.au zoho.jp zohomail.com zohocloud.ca',
  ),
  seed('fastmail', 'Fastmail', [10, 100], 'fastmail.com fastmail.fm', 'messagingengine.com'),
  seed('rackspace', 'Rackspace', [10, 100], '', 'emailsrvr.com'),
  seed('godaddy', 'GoDaddy', [10, 100], '', 'smtp.secureserver.net mailstore1.secureserver.net'),
  seed('cloudflare', 'Cloudflare', [10, 100], '', 'mx.cloudflare.net'),
  seed('qq', 'Tencent QQ', [5, 50], 'qq.com foxmail.com', 'qq.com'),
  seed('netease', 'NetEase 163', [5, 50], '163.com 126.com yeah.net', '163.com netease.com'),
  seed('naver', 'Naver', [5, 50], 'naver.com', 'naver.com'),
]

function seed(
  name: string,
  title: string,
  [maxConnections, maxMessagesPerConnection]: readonly [number, number],
  domains: string,
  mx: string,
): ReceiverSeed {
  return { name, title, domains: words(domains), mx: words(mx), limits: { maxConnections, maxMessagesPerConnection } }
}

function words(text: string): readonly string[] {
  return text === '' ? [] : text.split(' ')
}
