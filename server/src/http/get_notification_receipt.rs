//! `get_notification_receipt`: the written acknowledgement of a notification (s.10(4)), to be
//! printed.

use actix_web::{HttpResponse, get, web};

use super::caller::{Caller, act};
use super::problem::Problem;
use crate::app::escaped_page;
use crate::operations::record_notification::{Receipt, get_notification_receipt as read_receipt};
use crate::store::id::FactId;

/// Gives the receipt of a notification, as a page to be printed.
///
/// There is none for what cannot be acknowledged. The reading is in the ledger.
#[utoipa::path(
    tag = "Notification",
    params(("record_id" = FactId, Path, description = "The notification")),
    responses((status = 200, description = "The receipt", body = String,
        content_type = "text/html")),
)]
#[get("/notifications/{record_id}/receipt")]
pub async fn get_notification_receipt(
    caller: Caller<act::ReadCase>,
    id: web::Path<FactId>,
) -> Result<HttpResponse, Problem> {
    let (actor, id) = (caller.actor(), *id);
    let receipt = caller.write(move |tx| read_receipt(tx, &actor, id)).await?;
    escaped_page(&caller.app, "receipt.html", &values(receipt))
}

fn values(receipt: Receipt) -> Vec<(&'static str, String)> {
    let Receipt { order, subject, station, given, number, given_in_words, issued_in_words } =
        receipt;
    let row = order.kind.row();
    let method = row.notification.map(|rule| rule.method_basis).unwrap_or_default();
    let address_is =
        if given.no_fixed_abode { "No fixed abode; regularly found at" } else { "Home address" };
    vec![
        ("number", number),
        ("order", order.reference),
        ("order_kind", row.title.to_owned()),
        ("statute", row.statute.to_owned()),
        ("method", method.to_owned()),
        ("subject", format!("{} {}", subject.given_names, subject.family_name)),
        ("names", given.names.join("; ")),
        ("address_is", address_is.to_owned()),
        ("address", given.address.unwrap_or_default()),
        ("given", given_in_words),
        ("station", station.map(|station| station.name).unwrap_or_default()),
        ("taken_by", given.taken_by_name),
        ("issued", issued_in_words),
    ]
}
