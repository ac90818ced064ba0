//! The same question asked of PostGIS: its GiST index over the same zones, in one statement, so that
//! no way to the server and back is in the figure.

use std::time::Instant as StdInstant;

use compliance::place::Position;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use crate::table::Table;
use crate::zones::ring;

const POSITIONS: u32 = 20_000;
/// The buffer and the accuracy of a position.
const REACH_M: f64 = 50.0 + 35.0;

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = BigInt)]
    found: i64,
}

/// Adds a row when `HOLDFAST_BENCH_POSTGRES` names a server that has PostGIS; says so when not.
pub fn compare(table: &mut Table, indexed: f64, zones: u32, position: impl Fn(u32) -> Position) {
    let Ok(url) = std::env::var("HOLDFAST_BENCH_POSTGRES") else {
        eprintln!("  PostGIS: not compared, HOLDFAST_BENCH_POSTGRES is not set");
        return;
    };
    let mut conn = PgConnection::establish(&url).unwrap();
    if let Err(error) = conn.batch_execute("CREATE EXTENSION IF NOT EXISTS postgis") {
        eprintln!("  PostGIS: not compared, {error}");
        return;
    }
    fill(&mut conn, zones, position);
    let query = format!(
        "SELECT count(*) AS found FROM position JOIN zone ON ST_DWithin(area, place, {REACH_M})"
    );
    let began = StdInstant::now();
    let Found { found } = diesel::sql_query(query).get_result(&mut conn).unwrap();
    let per_s = f64::from(POSITIONS) / began.elapsed().as_secs_f64();
    assert!(found > 0);
    table.row(
        &format!("the same by PostGIS, GiST over {zones}"),
        format!("{per_s:.0}/s"),
        format!("{indexed:.0}/s by the index"),
        format!("{:.1} times the cost", indexed / per_s),
    );
}

fn fill(conn: &mut PgConnection, zones: u32, position: impl Fn(u32) -> Position) {
    conn.batch_execute(
        "CREATE TEMP TABLE zone (area geography NOT NULL); \
         CREATE TEMP TABLE position (place geography NOT NULL)",
    )
    .unwrap();
    let areas: Vec<String> = (0..zones)
        .map(|number| {
            let corners: Vec<String> =
                ring(number).iter().map(|[lon, lat]| format!("{lon:.8} {lat:.8}")).collect();
            format!("('SRID=4326;POLYGON(({}))')", corners.join(","))
        })
        .collect();
    let places: Vec<String> = (0..POSITIONS)
        .map(|number| {
            let Position { latitude, longitude } = position(number);
            format!("('SRID=4326;POINT({longitude:.8} {latitude:.8})')")
        })
        .collect();
    for (into, rows) in [("zone", areas), ("position", places)] {
        for some in rows.chunks(1_000) {
            conn.batch_execute(&format!("INSERT INTO {into} VALUES {}", some.join(","))).unwrap();
        }
    }
    conn.batch_execute("CREATE INDEX ON zone USING gist (area); ANALYZE zone; ANALYZE position")
        .unwrap();
}
