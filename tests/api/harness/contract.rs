//! Holds every answer of every test against the description of the API that is made from the code.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use jsonschema::{Draft, Validator};
use serde_json::{Value, json};

use super::caller::Answer;

const JSON: &str = "application/json";
const LINES: &str = "application/x-ndjson";
const PROBLEM: &str = "application/problem+json";

struct Contract {
    operations: Vec<Operation>,
    problem: Validator,
}

/// A kind of body, and its schema.
type Body = (String, Validator);

pub struct Operation {
    pub method: String,
    pub path: String,
    pub id: String,
    /// What it takes behind the question mark.
    pub query: Vec<String>,
    body: Option<Validator>,
    /// Of JSON; they are tested by themselves.
    takes_lines: bool,
    /// By status, or `default`; without one, no body is described.
    responses: BTreeMap<String, Vec<Body>>,
}

impl Operation {
    pub fn takes_json(&self) -> bool {
        self.body.is_some()
    }

    pub fn takes_body(&self) -> bool {
        self.takes_json() || self.takes_lines
    }
}

fn contract() -> &'static Contract {
    static CONTRACT: OnceLock<Contract> = OnceLock::new();
    CONTRACT.get_or_init(|| {
        let description = json!(holdfast::http::openapi::description());
        let mut components = description["components"].clone();
        // What is not described is not sent either.
        for schema in components["schemas"].as_object_mut().unwrap().values_mut() {
            if schema["properties"].is_object() && schema.get("additionalProperties").is_none() {
                schema["unevaluatedProperties"] = json!(false);
            }
        }
        Contract {
            operations: operations(&description, &components),
            problem: compiled(&json!({ "$ref": "#/components/schemas/Problem" }), &components),
        }
    })
}

fn operations(description: &Value, components: &Value) -> Vec<Operation> {
    let mut operations = Vec::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let takes = &operation["requestBody"]["content"];
            let responses = operation["responses"].as_object().unwrap().iter();
            let responses = responses
                .map(|(status, response)| (status.clone(), bodies_of(response, components)));
            operations.push(Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                id: operation["operationId"].as_str().unwrap().to_owned(),
                query: query_of(operation),
                body: takes.get(JSON).map(|it| compiled(&it["schema"], components)),
                takes_lines: takes.get(LINES).is_some(),
                responses: responses.collect(),
            });
        }
    }
    operations
}

fn query_of(operation: &Value) -> Vec<String> {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let in_query = parameters.filter(|parameter| parameter["in"] == "query");
    in_query.map(|parameter| parameter["name"].as_str().unwrap().to_owned()).collect()
}

fn bodies_of(response: &Value, components: &Value) -> Vec<Body> {
    let contents = response["content"].as_object().into_iter().flatten();
    let compiled = |content: &Value| compiled(&content["schema"], components);
    contents.map(|(kind, content)| (kind.clone(), compiled(content))).collect()
}

fn compiled(schema: &Value, components: &Value) -> Validator {
    let root = json!({ "allOf": [schema], "components": components });
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .build(&root)
        .unwrap()
}

/// Every operation, as the description has it.
pub fn described() -> &'static [Operation] {
    &contract().operations
}

/// The operation that a request asks for.
pub fn operation_at(method: &str, path: &str) -> Option<&'static Operation> {
    let path = path.split('?').next().unwrap();
    described().iter().find(|it| it.method == method && fits(&it.path, path))
}

/// Where it does not fit, and why.
fn faults(schema: &Validator, json: &Value) -> Vec<String> {
    schema.iter_errors(json).map(|fault| format!("{} {fault}", fault.instance_path())).collect()
}

/// What is taken has to be described as it is taken. Of several records in one body each is taken or
/// turned away by itself.
#[track_caller]
fn check_taken(operation: &Operation, body: Option<&[u8]>, (answer, about): (&Answer, &str)) {
    let results = answer.json["results"].as_array().into_iter().flatten();
    let is_partly_refused = results.into_iter().any(|result| result["problem"].is_object());
    let json = body.and_then(|body| serde_json::from_slice::<Value>(body).ok());
    let (Some(json), Some(schema)) = (json, &operation.body) else { return };
    let faults = faults(schema, &json);
    assert!(is_partly_refused || faults.is_empty(), "{faults:#?} in {json:#}: {about}");
}

/// # Panics
/// When the answer is none that the description announces, or what was taken is nothing that it asks for.
#[track_caller]
pub fn check((method, path): (&str, &str), body: Option<&[u8]>, answer: &Answer) {
    let path = path.split('?').next().unwrap();
    if !path.starts_with(holdfast::http::BASE) {
        return;
    }
    let about = format!("{method} {path} was answered with {answer:?}");
    let Some(operation) = operation_at(method, path) else {
        return check_body(PROBLEM, &contract().problem, answer, &about);
    };
    if answer.status < 300 {
        check_taken(operation, body, (answer, &about));
    }
    let response = operation.responses.get(&answer.status.to_string());
    match response.or_else(|| operation.responses.get("default").filter(|_| answer.status >= 400)) {
        Some(bodies) if bodies.is_empty() => {
            assert!(answer.body.is_empty(), "no body is described: {about}");
        }
        Some(bodies) => {
            let sent = sent_kind(answer);
            let (kind, schema) = bodies.iter().find(|it| it.0 == sent).unwrap_or(&bodies[0]);
            check_body(kind, schema, answer, &about);
        }
        None => panic!("{} does not describe this status: {about}", operation.id),
    }
}

fn sent_kind(answer: &Answer) -> &str {
    let sent = answer.header("content-type").unwrap_or_default();
    sent.split(';').next().unwrap()
}

#[track_caller]
fn check_body(kind: &str, schema: &Validator, answer: &Answer, about: &str) {
    assert_eq!(sent_kind(answer), kind, "{about}");
    if kind != JSON && kind != PROBLEM {
        return;
    }
    let faults = faults(schema, &answer.json);
    assert!(faults.is_empty(), "{faults:?}: {about}");
    if kind == PROBLEM {
        let slug = answer.slug();
        let known = holdfast::http::problem::Kind::of_slug(&slug);
        assert!(known.is_some_and(|kind| kind.status().as_u16() == answer.status), "{about}");
    }
}

fn fits(template: &str, path: &str) -> bool {
    let (wanted, found): (Vec<_>, Vec<_>) =
        (template.split('/').collect(), path.split('/').collect());
    wanted.len() == found.len()
        && wanted
            .iter()
            .zip(found)
            .all(|(wanted, found)| wanted.starts_with('{') || *wanted == found)
}
