//! `get_order_card`: what an order asks for, as a card to print and hand over.

use actix_web::{HttpResponse, get, web};
use compliance::Window;
use compliance::order::{OrderKind, Polarity};
use compliance::order_kind::Trigger;

use super::caller::{Caller, act};
use super::problem::Problem;
use crate::ZONE;
use crate::app::{escaped, page};
use crate::operations::order_card::order_card;
use crate::operations::subject_conditions::{ConditionText, OrderText};
use crate::store::id::OrderId;

/// Shows an order as a card for the subject.
///
/// What, where and when in plain words, beside the exact words of the court; how to tell the police
/// of an illness beforehand. A page to print: no script, nothing about protected persons that the
/// order itself does not say.
#[utoipa::path(
    tag = "Orders",
    params(("order_id" = OrderId, Path, description = "The order")),
    responses((status = 200, description = "The card", body = String, content_type = "text/html")),
)]
#[get("/orders/{order_id}/card")]
pub async fn get_order_card(
    caller: Caller<act::ReadCase>,
    id: web::Path<OrderId>,
) -> Result<HttpResponse, Problem> {
    let (actor, id) = (caller.actor(), *id);
    let (subject, text) = caller.write(move |tx| order_card(tx, &actor, id)).await?;
    let OrderText { order, owner_name, version, .. } = text;
    let conditions = version.map(|version| version.conditions).unwrap_or_default();
    let of = |polarity| conditions.iter().filter(move |it| it.condition.polarity == polarity);
    let list = |polarity| of(polarity).map(condition).collect::<String>();
    let until = order.ends_on.map_or_else(
        || "until a further order".to_owned(),
        |day| format!("to the end of {}", day.format("%A %-d %B %Y")),
    );
    let name = format!("{} {}", subject.given_names, subject.family_name);
    let values = [
        ("reference", escaped(&order.reference)),
        ("title", escaped(order.kind.row().title)),
        ("name", escaped(&name)),
        ("court", escaped(&order.court)),
        ("made_on", order.made_on.map(|on| on.format("%-d %B %Y").to_string()).unwrap_or_default()),
        ("until", until),
        ("notify", notify(order.kind)),
        ("musts", list(Polarity::Requirement)),
        ("must_nots", list(Polarity::Prohibition)),
        ("owner", escaped(owner_name.as_deref().unwrap_or("the officer in your case"))),
        ("printed_at", caller.now.in_words(ZONE)),
    ];
    page(&caller.app, "card.html", &values)
}

/// The statute's own duty, of the kinds of order that have one.
fn notify(kind: OrderKind) -> String {
    let Some(rule) = kind.row().notification else { return String::new() };
    let (days, from) = (rule.days, first_day(rule.trigger));
    format!(
        "<section aria-labelledby=\"notify\"><h2 id=\"notify\">Tell the police your name and \
         address</h2>\n<p>Unless this order says that you need not, go to a police station in your \
         area and tell an officer your names and home address within {days} days, beginning with \
         {from}. If you begin to use another name or move, go again within {days} days. You will be \
         given a numbered receipt. By phone or post does not count.</p></section>"
    )
}

fn first_day(trigger: Trigger) -> &'static str {
    match trigger {
        Trigger::Served => "the day this order was given to you",
        Trigger::Made => "the day this order was made",
        Trigger::TakesEffect => "the day this order takes effect",
        Trigger::Convicted => "the day you were convicted",
    }
}

fn condition(text: &ConditionText) -> String {
    let where_ = text.station.as_ref().map(|station| {
        let others: Vec<&str> = text.alternates.iter().map(|it| it.name.as_str()).collect();
        let or =
            if others.is_empty() { String::new() } else { format!(" or {}", others.join(" or ")) };
        format!("<p><b>Where:</b> {}{}</p>", escaped(&station.name), escaped(&or))
    });
    let when: String = text
        .schedules
        .iter()
        .map(|schedule| {
            let next: String = schedule.next_windows.iter().map(window).collect();
            let next =
                if next.is_empty() { next } else { format!("<ol class=\"next\">{next}</ol>") };
            format!("<p><b>When:</b> {}</p>{next}", escaped(&schedule.in_words))
        })
        .collect();
    format!(
        "<li><h3>{}. {}</h3>{}{when}<blockquote>{}</blockquote></li>",
        escaped(&text.condition.label),
        escaped(&text.condition.plain_words),
        where_.unwrap_or_default(),
        escaped(&text.condition.wording),
    )
}

/// The closing minute that the order states is included.
fn window(window: &Window) -> String {
    let last = (window.closes_at + -1).utc().with_timezone(&ZONE).format("%H:%M");
    format!("<li>{} to {last}</li>", window.opens_at.in_words(ZONE))
}
