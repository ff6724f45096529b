/** What customers write about and what they are answered, in the languages they write in. `{…}` is filled in (texts.ts). */
export interface Topic {
  readonly language: string
  /** Which inbox it comes to: its place in the list of inboxes. */
  readonly inbox: number
  readonly tags: readonly string[]
  readonly subjects: readonly string[]
  readonly opens: readonly string[]
  readonly answers: readonly string[]
  readonly follows: readonly string[]
}

const en = (
  inbox: number,
  tags: readonly string[],
  subjects: readonly string[],
  opens: readonly string[],
  answers: readonly string[],
  follows: readonly string[],
): Topic => ({ language: 'en', inbox, tags, subjects, opens, answers, follows })

const ENGLISH: readonly Topic[] = [
  en(
    0,
    ['shipping'],
    ['Where is my order {order}?', 'Order {order} has not arrived', 'Delivery of my {product}'],
    [
      'Hello,\n\nI ordered a {product} on {day} (order {order}) and it has not arrived yet. The tracking number {tracking} shows nothing new. Could you please look into it?',
      'Hi there,\n\nmy parcel {tracking} with the {product} should have been here on {day}. Is there a delay in {city}?',
    ],
    [
      'Hi {first},\n\nthank you for writing. Your parcel {tracking} was held at the depot in {city} and continues today. You should have it by {day}.\n\nBest regards',
      'Hello {first},\n\nI am sorry about the wait. The carrier confirmed that {tracking} is on the van and will reach you on {day}.',
    ],
    [
      'It came this morning, thank you!',
      'Still nothing, and it is {day} already. What now?',
      'Perfect, thanks for the quick help.',
    ],
  ),
  en(
    1,
    ['refund'],
    ['Refund for order {order}', 'I was charged twice', 'Wrong amount on invoice {order}'],
    [
      'Dear team,\n\nmy card was charged {amount} twice for order {order}. Please refund one of the two payments.',
      'Hello,\n\nI returned the {product} three weeks ago and have not seen my money ({amount}) yet. The return label was {tracking}.',
    ],
    [
      'Dear {first},\n\nI have just refunded {amount} to your card. Depending on your bank it takes three to five working days.\n\nKind regards',
      'Hi {first},\n\nthe second payment was only a reservation and disappears by itself until {day}. I attached the statement of order {order}.',
    ],
    [
      'The money arrived. Thank you.',
      'My bank cannot see any refund. Could you send me the reference?',
      'Understood, I will wait until {day}.',
    ],
  ),
  en(
    2,
    ['size exchange'],
    ['Exchange: {product}', 'Wrong size, order {order}', 'Return of order {order}'],
    [
      'Hi,\n\nthe {product} of order {order} is too small. Can I exchange it for the next size? It is unworn, with all labels.',
      'Good morning,\n\nI would like to return the {product}. How do I get a label? I live in {city}.',
    ],
    [
      'Hello {first},\n\nof course. The label is attached; once the parcel is scanned we send the larger one. The number is {tracking}.\n\nAll the best',
      'Hi {first},\n\nthe next size is back in stock on {day}. Shall I reserve one for you, or would you rather have {amount} back?',
    ],
    ['Please reserve one!', 'I dropped it off today.', 'A refund, please.'],
  ),
  en(
    0,
    ['warranty', 'damaged'],
    ['{product} broke after two weeks', 'Warranty for my {product}', 'Damaged on arrival: order {order}'],
    [
      'Hello,\n\nmy {product} broke on {day}, two weeks after I bought it in {city}. Photographs are attached. Is this covered by the warranty?',
      'Hi,\n\nthe box was torn and the {product} inside has a dent. Order {order}. I would like a replacement, please.',
    ],
    [
      'Hi {first},\n\nthis is covered. A new {product} leaves our warehouse today under {tracking}; keep the old one, we do not need it back.\n\nSorry for the trouble',
      'Dear {first},\n\ncould you send us the serial number from the label inside? With it I can order the spare part from {city}.',
    ],
    [
      'The serial number is {tracking}.',
      'Wow, that was quick. Thank you!',
      'The replacement has the same problem, unfortunately.',
    ],
  ),
  en(
    3,
    ['wholesale'],
    ['Quote for {number} pieces', 'Wholesale prices for {company}', 'Purchase order {order}'],
    [
      'Dear sir or madam,\n\n{company} would like to buy {number} pieces of the {product}. Please send us a quote with delivery to {city} before {day}.',
      'Hello,\n\nattached is our purchase order {order} over {amount}. Please confirm the date of delivery.',
    ],
    [
      'Dear {first},\n\nthank you for your interest. For {number} pieces we can offer {amount} a piece, delivered to {city} within two weeks.\n\nKind regards',
      'Hello {first},\n\nthe purchase order {order} is confirmed. The pallet leaves on {day}.',
    ],
    ['Thank you, our buyer will come back to you.', 'Could you do {amount} if we take twice as many?', 'Confirmed.'],
  ),
  en(
    0,
    ['bug'],
    ['Cannot sign in to my account', 'Error {code} at checkout', 'Password mail never comes'],
    [
      'Hi,\n\nwhen I click on pay, the page says "Something went wrong ({code})". I tried Firefox and Safari, on a phone and on a laptop.',
      'Hello,\n\nI asked for a new password four times and no mail arrived. My account is {address}.',
    ],
    [
      'Hi {first},\n\nthanks for the report. {code} means that the session had ended; we released a fix on {day}. Could you try once more?',
      'Hello {first},\n\nyour mailbox had refused our mails for a while. I have removed the block, so the next one will arrive.',
    ],
    ['Works now.', 'Now it says {code} instead.', 'It arrived, thank you very much.'],
  ),
  en(
    0,
    ['feedback'],
    ['Praise for your team', 'Idea for the {product}', 'About your packaging'],
    [
      'Dear all,\n\njust a word of thanks: the {product} kept us dry above {city} for nine days. Please pass it on to whoever made it.',
      'Hello,\n\nwould you consider a lighter version of the {product}? A loop at the top would also help when it hangs on a branch.',
    ],
    [
      'Dear {first},\n\nyou have made our week. I have pinned your mail to the wall of the workshop.\n\nWarm regards',
      'Hi {first},\n\nI passed your idea on to design. The loop is planned for the model of next year.',
    ],
    ['Lovely to hear.', 'Great, I am looking forward to it.'],
  ),
  en(
    0,
    ['address change'],
    ['New address for order {order}', 'Please change the delivery address'],
    ['Hello,\n\nI moved to {city}. Please send order {order} to: 14 {last} Street, {city}. It should not have left yet.'],
    ['Hi {first},\n\nchanged; the parcel leaves for {city} tomorrow with the number {tracking}.'],
    ['Thanks a lot!', 'One more thing: the name on the bell is {last}.'],
  ),
]

const other = (language: string, subjects: string[], opens: string[], answers: string[], follows: string[]): Topic => ({
  ...{ language, inbox: 0, tags: ['shipping'], subjects, opens, answers, follows },
})

const OTHERS: readonly Topic[] = [
  other(
    'de',
    ['Wo bleibt meine Bestellung {order}?', 'Rücksendung {product}', 'Frage zur Rechnung {order}'],
    [
      'Guten Tag,\n\nich habe am {day} das Produkt „{product}“ bestellt (Nummer {order}) und noch nichts erhalten. Könnten Sie bitte nachsehen?\n\nMit freundlichen Grüßen\n{first} {last}',
      'Hallo zusammen,\n\nauf der Rechnung {order} fehlt die Umsatzsteuer-Nummer unserer Firma {company}. Bitte schicken Sie eine neue nach {city}.',
    ],
    [
      'Guten Tag {first} {last},\n\nIhre Sendung {tracking} liegt im Verteilzentrum in {city} und wird am {day} zugestellt.\n\nFreundliche Grüße',
    ],
    ['Vielen Dank, ist angekommen!', 'Leider immer noch nichts. Ich möchte die Bestellung stornieren und {amount} zurück.'],
  ),
  other(
    'fr',
    ['Où est ma commande {order} ?', 'Remboursement de la commande {order}'],
    [
      'Bonjour,\n\nj’ai commandé « {product} » le {day} et le colis {tracking} n’est toujours pas arrivé à {city}. Pouvez-vous vérifier ?\n\nCordialement,\n{first} {last}',
    ],
    [
      'Bonjour {first},\n\nvotre colis est retardé et arrivera le {day}. Nous vous présentons toutes nos excuses.\n\nBien cordialement',
    ],
    ['Merci beaucoup, c’est bien reçu.', 'Toujours rien… je souhaite être remboursé de {amount}.'],
  ),
  other(
    'es',
    ['¿Dónde está mi pedido {order}?', 'Cambio de talla'],
    [
      'Hola,\n\nhe comprado «{product}» y la talla no me queda bien. ¿Puedo cambiarla en la tienda de {city}? Mi pedido es {order}.\n\nUn saludo,\n{first} {last}',
    ],
    ['Hola {first},\n\nclaro que sí. Te enviamos la etiqueta {tracking}; el cambio llega antes del {day}.'],
    ['¡Perfecto, muchas gracias!', 'Todavía no me ha llegado la etiqueta.'],
  ),
  other(
    'pl',
    ['Zwrot zamówienia {order}', 'Pytanie o produkt {product}'],
    [
      'Dzień dobry,\n\nproszę o informację, kiedy otrzymam przesyłkę {tracking}. Zamówienie {order} złożyłam w dniu {day}.\n\nPozdrawiam\n{first} {last}',
    ],
    ['Dzień dobry {first},\n\nprzesyłka dotrze do {city} w dniu {day}. Przepraszamy za opóźnienie.'],
    ['Dziękuję, doszło.', 'Nadal nic nie przyszło.'],
  ),
  other(
    'ja',
    ['注文 {order} の配送について', '{product}の返品'],
    [
      'お世話になっております。\n\n{day}に注文した{product}（注文番号 {order}）がまだ届いておりません。配送状況を教えていただけますでしょうか。\n\n{last}',
    ],
    [
      '{last} 様\n\nお問い合わせありがとうございます。お荷物 {tracking} は現在配送中で、{day}に到着予定です。ご不便をおかけして申し訳ございません。',
    ],
    ['届きました。ありがとうございました。', 'まだ届いていません。返金をお願いします。'],
  ),
  other(
    'ru',
    ['Где мой заказ {order}?', 'Возврат: {product}'],
    [
      'Здравствуйте!\n\nЯ заказал «{product}» и до сих пор не получил посылку {tracking}. Подскажите, пожалуйста, когда её ждать в городе {city}.\n\n{first} {last}',
    ],
    ['Здравствуйте, {first}!\n\nВаша посылка прибудет {day}. Приносим извинения за задержку.'],
    ['Спасибо, всё получил.', 'Посылки всё ещё нет.'],
  ),
  other(
    'ar',
    ['أين طلبي رقم {order}؟'],
    ['مرحباً،\n\nطلبت منتج {product} ولم يصل الطرد {tracking} حتى الآن. هل يمكنكم التحقق من ذلك؟\n\nمع الشكر،\n{first} {last}'],
    ['مرحباً {first}،\n\nسيصل طردك يوم {day}. نعتذر عن التأخير.'],
    ['شكراً جزيلاً، وصل الطرد.'],
  ),
]

/** As often as each is written: more than half in English. */
export const TOPICS: readonly Topic[] = [
  ...Array.from({ length: 3 }, () => ENGLISH).flat(),
  ...Array.from({ length: 4 }, () => OTHERS.slice(0, 1)).flat(),
  ...Array.from({ length: 2 }, () => OTHERS.slice(1, 3)).flat(),
  ...OTHERS.slice(3),
]

export const NOTES: readonly string[] = [
  'Checked with the warehouse in {city}: the parcel was scanned on {day}.',
  'Third time this month. I would offer {amount} as a voucher.',
  'Waiting for the carrier, reference {tracking}. Please do not close.',
  'Spoke with {first} on the phone, very friendly, no hurry.',
  'Finance has approved the refund of {amount}.',
  'Same problem as in #{number}, the batch of the {product} seems faulty.',
]
