//! Questions about requests, grants, tasks and conversations.

use async_trait::async_trait;
use jiff::Timestamp;
use serde::de::DeserializeOwned;

use crate::domain::conversation::{Conversation, Message, Surface};
use crate::domain::grant::Grant;
use crate::domain::ids::{ConversationId, GrantId, MessageId, PersonId, RequestId, TaskId, TextId, TicketId};
use crate::domain::request::Request;
use crate::domain::task::Task;
use crate::domain::ticket::Ticket;
use crate::ports::store::{
    Conversations, GrantQuery, Grants, NewText, RequestQuery, Requests, StoreError, Tasks, TicketQuery, Tickets,
};
use crate::store::database::Database;
use crate::store::engine::{Row, Value};
use crate::store::rows::{self, Reader};
use crate::store::sql;

fn all<T: DeserializeOwned>(table: &'static str, found: Vec<Row>) -> Result<Vec<T>, StoreError> {
    found.into_iter().map(|row| rows::snapshot(table, row)).collect()
}

impl Database {
    async fn one<T: DeserializeOwned>(
        &self,
        table: &'static str,
        statement: &'static str,
        values: Vec<Value>,
    ) -> Result<Option<T>, StoreError> {
        self.row("a question", statement, values).await?.map(|row| rows::snapshot(table, row)).transpose()
    }
}

#[async_trait]
impl Requests for Database {
    async fn request(&self, id: RequestId) -> Result<Option<Request>, StoreError> {
        self.one("requests", sql::REQUEST, vec![Value::Text(id.to_string())]).await
    }

    async fn requests(&self, query: &RequestQuery) -> Result<Vec<Request>, StoreError> {
        let (statement, values) = sql::requests(query).into_parts();
        all("requests", self.engine.fetch("a question", statement, values).await?)
    }

    async fn count_requests(&self, query: &RequestQuery) -> Result<u64, StoreError> {
        let (statement, values) = sql::count_requests(query).into_parts();
        let found = self.engine.fetch("a question", statement, values).await?;
        found.into_iter().next().map_or(Ok(0), |row| Reader::new("requests", row).count())
    }
}

#[async_trait]
impl Grants for Database {
    async fn grant(&self, id: GrantId) -> Result<Option<Grant>, StoreError> {
        self.one("grants", sql::GRANT, vec![Value::Text(id.to_string())]).await
    }

    async fn grants(&self, query: &GrantQuery) -> Result<Vec<Grant>, StoreError> {
        let (statement, values) = sql::grants(query).into_parts();
        all("grants", self.engine.fetch("a question", statement, values).await?)
    }
}

#[async_trait]
impl Tasks for Database {
    async fn task(&self, id: TaskId) -> Result<Option<Task>, StoreError> {
        self.one("tasks", sql::TASK, vec![Value::Text(id.to_string())]).await
    }

    async fn open_tasks(&self, person: &PersonId) -> Result<Vec<Task>, StoreError> {
        all("tasks", self.rows("a question", sql::OPEN_TASKS, vec![Value::text(person.as_str())]).await?)
    }
}

#[async_trait]
impl Tickets for Database {
    async fn ticket(&self, id: TicketId) -> Result<Option<Ticket>, StoreError> {
        self.one("tickets", sql::TICKET, vec![Value::Text(id.to_string())]).await
    }

    async fn tickets(&self, query: &TicketQuery) -> Result<Vec<Ticket>, StoreError> {
        let (statement, values) = sql::tickets(query).into_parts();
        all("tickets", self.engine.fetch("a question", statement, values).await?)
    }
}

#[async_trait]
impl Conversations for Database {
    async fn conversation(&self, id: ConversationId) -> Result<Option<Conversation>, StoreError> {
        self.one("conversations", sql::CONVERSATION, vec![Value::Text(id.to_string())]).await
    }

    async fn conversation_of(&self, who: &PersonId, on: Surface) -> Result<Option<Conversation>, StoreError> {
        let values = vec![Value::text(who.as_str()), Value::text(rows::surface(on))];
        self.one("conversations", sql::CONVERSATION_OF, values).await
    }

    async fn messages(&self, of: ConversationId, after: Option<MessageId>) -> Result<Vec<Message>, StoreError> {
        let conversation = Value::Text(of.to_string());
        let found = match after {
            None => self.rows("a question", sql::MESSAGES, vec![conversation]).await?,
            Some(id) => {
                self.rows("a question", sql::MESSAGES_AFTER, vec![conversation, Value::Text(id.to_string())]).await?
            }
        };
        all("messages", found)
    }

    async fn text(&self, id: TextId) -> Result<Option<NewText>, StoreError> {
        let found = self.row("a question", sql::TEXT, vec![Value::Text(id.to_string())]).await?;
        found.map(rows::read_text).transpose()
    }

    async fn erase_texts(&self, of: &PersonId, before: Timestamp) -> Result<u64, StoreError> {
        let values = vec![Value::text(of.as_str()), Value::Int(rows::micros(before))];
        let erased = self.run("an erasure", sql::ERASE_TEXTS, values).await?;
        if erased > 0 {
            self.engine.scrub().await;
        }
        Ok(erased)
    }
}
