/** Who and what the made-up shop has to do with. Every address is of a name that is reserved for examples (RFC 2606). */

export const FIRST_NAMES =
  'Anna Ben Carla David Elena Felix Greta Hugo Ines Jonas Klara Leon Maria Noah Olga Paul Quentin Rosa Samuel Tara Ugo Vera William Xenia Yara Zoe Aisha Bilal Chen Dmitri Emeka Fatima Giorgio Hana Ivan Jamal Keiko Lukas Mei Nadia Omar Priya Rahul Sofia Tomas Ursula Viktor Wanda Yusuf Zofia Amelie Björn Chloé Dieter Émile François Gül İbrahim Jürgen Łukasz Márta Ngozi Øyvind Pedro Renée Søren Thérèse Ülkü Veronika Wei Yuki Zsófia'.split(
    ' ',
  )
export const LAST_NAMES =
  'Adams Bauer Costa Dubois Eriksson Fischer García Hoffmann Ivanova Jansen Kowalski Lopez Müller Nakamura Okafor Petrov Quinn Rossi Schmidt Tanaka Usman Vasquez Weber Xu Yilmaz Zimmermann Andersen Bianchi Chowdhury Díaz Ek Fontaine Gruber Haddad Ibarra Johansson Keller Lindqvist Moreau Nguyen Oliveira Pavlov Reyes Sato Tremblay Ueda Varga Winkler Yamamoto Zhang Abbott Brandt Castellanos Delgado Endo Ferrari Gonçalves Horváth Ito Jovanović Kaya Larsson Marchetti Novák Ortega Papadopoulos Rahman Santos Thompson Vogel Walker Young Zielińska Ashworth Blackwood Carmichael Dunmore Ellsworth Fairbanks Grantham Hollingsworth'.split(
    ' ',
  )
export const CITIES =
  'Lisbon Hamburg Lyon Kraków Oslo Turin Ghent Graz Porto Seville Tampere Aarhus Bristol Leipzig Nantes Utrecht Osaka Toronto Austin Cork Basel Ljubljana Tallinn Vilnius Zagreb Brno Malmö Bergen Valencia Dresden'.split(
    ' ',
  )
const COMPANY_FIRST =
  'Alder Bright Cedar Delta Ember Falcon Granite Harbour Iron Juniper Kestrel Lumen Meadow North Orchard Pine Quarry River Summit Timber Umber Vertex Willow Yonder Zephyr'.split(
    ' ',
  )
const COMPANY_SECOND =
  'Works Logistics Studio Outfitters Partners Systems Foods Design Travel Motors Clinic School Press Energy Labs'.split(' ')
const COMPANY_KIND = ['Ltd', 'GmbH', 'SARL', 'Inc', 'AB', 'BV', 'KK', 'Oy']
export const COMPANIES = COMPANY_FIRST.flatMap((first) =>
  COMPANY_SECOND.flatMap((second) => COMPANY_KIND.slice(0, 4).map((kind) => `${first} ${second} ${kind}`)),
)
export const JOB_TITLES = ['Office manager', 'Buyer', 'Head of operations', 'Teacher', 'Accountant', 'Founder', 'Team lead', '']
export const MAIL_HOSTS = [
  'mail.example',
  'post.example',
  'inbox.example.net',
  'letters.example.org',
  'home.example.com',
  'web.example.net',
]

export const PRODUCTS =
  'Fjell tent|Trail backpack 40L|Summit sleeping bag|Rain shell jacket|Merino base layer|Cedar camp stove|Kestrel head torch|Granite trekking poles|Harbour dry bag|Lumen lantern|Meadow picnic blanket|Orchard lunch box|Pine hammock|River kayak paddle|Alpine crampons|Ember fire steel|Falcon binoculars|Willow camping chair|Juniper first aid kit|Zephyr wind shirt|Umber hiking boots|Delta water filter|Vertex climbing rope|Timber axe|Quarry carabiner set|Yonder map case|Iron skillet|Bright bike light|Nomad cooler 25L|Drift inflatable mat'.split(
    '|',
  )

export const TAGS: readonly (readonly [string, string])[] = [
  ['shipping', 'blue'],
  ['refund', 'red'],
  ['warranty', 'orange'],
  ['vip', 'grape'],
  ['wholesale', 'teal'],
  ['size exchange', 'cyan'],
  ['bug', 'red'],
  ['feedback', 'green'],
  ['press', 'pink'],
  ['address change', 'blue'],
  ['gift card', 'yellow'],
  ['customs', 'indigo'],
  ['damaged', 'orange'],
  ['spare parts', 'grey'],
  ['newsletter', 'lime'],
  ['recall 2025', 'red'],
  ['lost parcel', 'orange'],
  ['black friday', 'dark'],
  ['school order', 'teal'],
  ['legal hold', 'violet'],
]

/** Told of the weather, the trip and the household: what fills letters, and gives them words that are rare and words that are not. */
export const ASIDES: readonly string[] =
  'We leave on {day} and really need it by then.|My neighbour {first} recommended your shop.|I tried the chat first, but nobody answered there.|The courier left it with the bakery next door.|It is a present for my daughter in {city}.|I have been a customer since the shop in {city} opened.|The zip on the left side is stuck halfway.|There is a scratch near the handle, see the picture.|The manual mentions a spare gasket, which I could not find.|Our scout group in {city} ordered eleven of them.|Your website said it was in stock on {day}.|The confirmation went to my old address, I think.|I already checked the spam folder twice.|The colour looks more like moss than like olive.|It smells faintly of rubber, is that normal?|The tracking page has shown the same line for four days.|I paid with a gift card and the rest by bank transfer.|My invoice needs the number of our purchase order.|The seams were taped badly on the right shoulder.|We used it for nine nights in the rain and loved it.|Could you also tell me whether the new model fits the old poles?|Customs in {city} ask for a commercial invoice.|The bank says the amount was taken twice.|Please do not send it to the office, we moved to {city}.|I can bring it to the shop in {city} if that is easier.|A colleague of mine, {first} {last}, wrote to you about the same thing.|The buckle broke on the first hike above the glacier.|The burner whistles as soon as the lid is on.|I attached the receipt and two photographs.|Thank you for the handwritten card in the parcel, by the way.'.split(
    '|',
  )
