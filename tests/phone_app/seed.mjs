// A force of one county town with a day in progress, as a file for `holdfast import`: sign-ons that are
// over, open and to come, at whatever time it is run.
const LONDON = 'Europe/London';
const MINUTE = 60_000;

const localParts = (at) =>
  Object.fromEntries(
    new Intl.DateTimeFormat('en-GB', {
      timeZone: LONDON,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
const hhmm = (at) => {
  const it = localParts(at);
  return `${it.hour}:${it.minute}`;
};
const isoDay = (at) => {
  const it = localParts(at);
  return `${it.year}-${it.month}-${it.day}`;
};

const STATIONS = { ALD: 'Alderbridge Police Station', HEX: 'Hexwater Police Station' };
export const STATION = { latitude: 52.4127, longitude: -2.8463 };

/** Given names, family name, born on, opens and closes in minutes from now, risk, whether served, where. */
export const PEOPLE = [
  ['Daniel', 'Marlow', '1992-03-14', -300, -125, 'high', true],
  ['Aisha', 'Kendi', '1999-08-02', -245, -35, 'standard', true],
  ['Piotr', 'Wolski', '1985-01-30', -65, 55, 'standard', true],
  ['Grace', 'Obi', '1974-05-09', -125, 115, 'standard', true],
  ['Callum', 'Reyes', '2007-10-17', -5, 235, 'standard', false],
  ['Marek', 'Fenwright', '1981-06-30', -180, 180, 'standard', true],
  ['Tobias', 'Lindqvist', '1968-12-01', -90, 150, 'high', true],
  ['Shona', 'MacAllister', '1990-04-22', 120, 240, 'standard', true],
  ['Gethin', 'Pryce-Rowlands', '1988-07-11', 180, 300, 'standard', true],
  ['Owen', 'Tarrant', '1995-02-19', 240, 360, 'high', true],
  ['Nadia', 'Brennock', '1979-09-03', -60, 120, 'standard', true, 'HEX'],
];

const signOn = (person, now, at) => ({
  label: 'R1',
  polarity: 'requirement',
  kind: 'sign_on',
  wording: `The defendant shall attend ${STATIONS[at]} each day between the stated times and report in person to an officer there, and shall not leave before the officer has confirmed his attendance.`,
  plain_words: `Sign on at ${STATIONS[at]} every day at the stated time.`,
  sign_on: {
    station: at,
    alternates: [],
    early_counts: false,
    schedules: [
      {
        zone: LONDON,
        starts_on: isoDay(now),
        rrule: 'FREQ=DAILY',
        exdates: [],
        rdates: [],
        opens: hhmm(now + person[3] * MINUTE),
        closes: hhmm(now + person[4] * MINUTE),
      },
    ],
  },
});

const devices = {
  label: 'R2',
  polarity: 'requirement',
  kind: 'device_presentation',
  wording:
    'The defendant shall present any device capable of accessing the internet for inspection by a police officer upon request.',
  plain_words: 'Show any phone or computer to an officer who asks for it.',
};

const others = [
  {
    label: 'P1',
    polarity: 'prohibition',
    kind: 'no_contact',
    wording:
      'The defendant must not contact, directly or indirectly and by any means whatsoever, the protected person, save through a solicitor in the course of legal proceedings.',
    plain_words: 'No contact with the protected person in any way, including through other people.',
    no_contact: { persons: ['the protected person'], channels: ['all'], through_third_parties: true },
  },
  {
    label: 'P2',
    polarity: 'prohibition',
    kind: 'exclusion_zone',
    wording:
      'The defendant must not enter the area bounded by Mill Lane, Station Road and the River Severn as marked on the map annexed to this order.',
    plain_words: 'Keep out of the area between Mill Lane, Station Road and the river.',
    exclusion_zone: {
      area: { type: 'Circle', centre: { latitude: 52.43, longitude: -2.85 }, radius_m: 400 },
      buffer_m: 200,
      map_reference: 'Map A annexed to the order',
      boundary: 'Both pavements of Mill Lane are inside.',
    },
  },
];

export function orders(now) {
  const station = (code, name, position) => ({
    code,
    name,
    position,
    radius_m: 120,
    opening_hours: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], opens: '00:00', closes: '23:59' }],
  });
  const yesterday = new Date(now - 26 * 60 * MINUTE).toISOString();
  const order = (person, at) => {
    const [given_names, family_name, born_on, , , risk, isServed] = person;
    const number = PEOPLE.indexOf(person) + 1;
    return {
      reference: `SPO/26/${String(400 + number)}`,
      kind: 'full',
      court: "Alderbridge Magistrates' Court",
      made_on: isoDay(now - 26 * 60 * MINUTE),
      served_at: isServed ? yesterday : null,
      ends_on: isoDay(now + 800 * 24 * 60 * MINUTE),
      owner: null,
      risk,
      subject: { reference: `AL-26-00${417 + number}`, given_names, family_name, born_on },
      versions: [
        {
          number: 1,
          reason: 'original',
          in_force_from: yesterday,
          conditions: [
            signOn(person, now, at),
            ...(number === 1 ? others : others.slice(0, 1)),
            ...(number === 7 ? [devices] : []),
          ],
        },
      ],
    };
  };
  return {
    format: 'holdfast-orders/1',
    stations: [
      station('ALD', STATIONS.ALD, STATION),
      station('HEX', STATIONS.HEX, { latitude: 52.1986, longitude: -2.6012 }),
    ],
    orders: PEOPLE.map((person) => order(person, person[7] ?? 'ALD')),
  };
}
