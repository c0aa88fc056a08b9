//! A Postgres server of the tests' own, and a database of each test's own.
//!
//! Each test is a process, so the first one that needs the server starts it and the others find it.
//! It stops by itself when no test has used it for a while; `tests/run` stops it at its end.

use std::fs::{self, File, Permissions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Read;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use flowkit::api::Client;
use flowkit::settings::DatabaseUrl;
use tempfile::TempDir;
use tokio_postgres::NoTls;

use super::executable::on_path;

/// What the template of all databases holds.
const TABLES: &str = include_str!("../../flowkit/src/store/migrations/postgres/0001_first.sql");

/// What a server of `localhost` shows, and its key; good for nothing but these tests.
const CERTIFICATE: &str = include_str!("tls/certificate.pem");
const KEY: &str = include_str!("tls/key.pem");

/// Stops the server when nobody has held the file of its users for a while.
const WATCH: &str = r#"
    idle=0
    while kill -0 "$(head -n 1 data/postmaster.pid 2>/dev/null)" 2>/dev/null; do
        sleep 5
        if flock --nonblock --exclusive users true; then idle=$((idle + 1)); else idle=0; fi
        ((idle < 6)) || { flock --exclusive start "$0" -D data -m immediate stop; exit; }
    done"#;

/// A database of the shared server, gone with this.
pub(crate) struct Database {
    port: u16,
    name: String,
    /// Says that the server is in use.
    _users: File,
}

impl Database {
    /// One that holds flowkit's tables.
    pub(crate) async fn new() -> Self {
        Self::of_template(&shared().template).await
    }

    /// One that holds nothing.
    pub(crate) async fn empty() -> Self {
        Self::of_template("template1").await
    }

    async fn of_template(template: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let shared = shared();
        let users = File::open(shared.folder.join("users")).expect("the server's file");
        users.lock_shared().expect("it is shared");
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("case_{}_{number}", std::process::id());
        let create = format!("CREATE DATABASE {name} TEMPLATE {template}");
        execute(&address(shared.port, "postgres"), &create).await;
        Self { port: shared.port, name, _users: users }
    }

    /// Its address.
    pub(crate) fn url(&self) -> DatabaseUrl {
        DatabaseUrl::parse(&self.address()).expect("an address")
    }

    /// Its address as text.
    pub(crate) fn address(&self) -> String {
        address(self.port, &self.name)
    }

    /// The address of its server's own database.
    pub(crate) fn server(&self) -> String {
        address(self.port, "postgres")
    }

    /// The port of its server.
    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// Executes statements in it.
    pub(crate) async fn execute(&self, sql: &str) {
        execute(&self.address(), sql).await;
    }

    /// The first column of the first row of an answer, as text.
    pub(crate) async fn ask(&self, sql: &str) -> String {
        ask(&self.address(), sql).await
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (server, name) = (address(self.port, "postgres"), self.name.clone());
        let drop_it = move || {
            let executor = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            executor.expect("an executor").block_on(execute(&server, &sql));
        };
        // The thread of the test may be an executor's already.
        let _ = std::thread::spawn(drop_it).join();
    }
}

/// Connects, executes statements, and lets go.
pub(crate) async fn execute(address: &str, sql: &str) {
    let (client, connection) = tokio_postgres::connect(address, NoTls).await.expect("connected");
    let execute = async {
        client.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        drop(client);
    };
    let ((), connection) = tokio::join!(execute, connection);
    // A server that is told to stop may end it first.
    let _ = connection;
}

/// The first column of the first row of an answer, as text.
pub(crate) async fn ask(address: &str, sql: &str) -> String {
    let (client, connection) = tokio_postgres::connect(address, NoTls).await.expect("connected");
    let ask = async {
        let answers = client.simple_query(sql).await.expect("answered");
        drop(client);
        answers.iter().find_map(|answer| match answer {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        })
    };
    let (answer, _) = tokio::join!(ask, connection);
    answer.unwrap_or_default()
}

/// A server that one test has for itself, to do with as it likes.
pub(crate) struct Server {
    folder: TempDir,
    port: u16,
}

impl Server {
    /// Starts one that trusts everybody.
    pub(crate) fn start() -> Self {
        Self::start_with(|_| {})
    }

    /// Starts one that wants a password and TLS of everybody but its own user.
    pub(crate) fn start_guarded() -> Self {
        Self::start_with(|data| {
            for (name, text) in [("server.crt", CERTIFICATE), ("server.key", KEY)] {
                let file = data.join(name);
                fs::write(&file, text).expect("written");
                // The server refuses a key that others may read.
                fs::set_permissions(&file, Permissions::from_mode(0o600)).expect("set");
                give_to_postgres(&file);
            }
            let settings = data.join("postgresql.conf");
            let with_tls = fs::read_to_string(&settings).expect("settings") + "\nssl = on\n";
            fs::write(settings, with_tls).expect("written");
            let rules = "host all postgres 127.0.0.1/32 trust\n\
                         hostssl all all 127.0.0.1/32 scram-sha-256\n";
            fs::write(data.join("pg_hba.conf"), rules).expect("written");
        })
    }

    fn start_with(set: impl FnOnce(&Path)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let port = make(folder.path());
        set(&folder.path().join("data"));
        run(folder.path(), &["-w", "start"]);
        Self { folder, port }
    }

    /// The address of one of its databases.
    pub(crate) fn address(&self, database: &str) -> String {
        address(self.port, database)
    }

    /// Its port.
    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// Has `pg_ctl` do something with it.
    pub(crate) fn control(&self, arguments: &[&str]) {
        run(self.folder.path(), arguments);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let mut stop = as_postgres(&program("pg_ctl"));
        stop.args(["-D", "data", "-m", "immediate", "stop"]).current_dir(self.folder.path());
        let _ = stop.stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}

struct Shared {
    folder: PathBuf,
    port: u16,
    template: String,
}

/// The server that all tests share, started if there is none.
fn shared() -> &'static Shared {
    static SHARED: OnceLock<Shared> = OnceLock::new();
    SHARED.get_or_init(|| {
        let folder = std::env::temp_dir()
            .join(format!("flowkit-postgres-{:x}", hash(env!("CARGO_MANIFEST_DIR"))));
        fs::create_dir_all(&folder).expect("a folder");
        let start = File::create(folder.join("start")).expect("a file");
        start.lock().expect("one starts it");
        let users = File::create(folder.join("users")).expect("a file");
        users.lock_shared().expect("it is shared");
        let port = match running(&folder) {
            Some(port) => port,
            None => {
                let port = make(&folder);
                run(&folder, &["-w", "start"]);
                watch(&folder);
                port
            }
        };
        let template = format!("template_{:x}", hash(TABLES));
        // Another thread, since this one may be an executor's already.
        let name = template.clone();
        let made = std::thread::spawn(move || {
            let executor = tokio::runtime::Builder::new_current_thread().enable_all().build();
            executor.expect("an executor").block_on(make_template(port, &name));
        });
        made.join().expect("the template is made");
        Shared { folder, port, template }
    })
}

async fn make_template(port: u16, name: &str) {
    let server = address(port, "postgres");
    let known = ask(&server, &format!("SELECT 1 FROM pg_database WHERE datname = '{name}'")).await;
    if known == "1" {
        return;
    }
    execute(&server, &format!("DROP DATABASE IF EXISTS {name}_new")).await;
    execute(&server, &format!("CREATE DATABASE {name}_new")).await;
    let url = DatabaseUrl::parse(&address(port, &format!("{name}_new"))).expect("an address");
    drop(Client::open(&url, flowkit::Clock::system()).await.expect("a database"));
    execute(&server, &format!("ALTER DATABASE {name}_new RENAME TO {name}")).await;
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

fn address(port: u16, database: &str) -> String {
    format!("postgresql://postgres@127.0.0.1:{port}/{database}")
}

/// The port of the server in that folder, if it runs.
fn running(folder: &Path) -> Option<u16> {
    let file = fs::read_to_string(folder.join("data/postmaster.pid")).ok()?;
    let mut lines = file.lines();
    let process = lines.next()?;
    let port = lines.nth(2)?.parse().ok()?;
    Path::new(&format!("/proc/{process}")).exists().then_some(port)
}

/// Makes the files of a server, and says at which port it will listen.
fn make(folder: &Path) -> u16 {
    let _ = fs::remove_dir_all(folder.join("data"));
    give_to_postgres(folder);
    let mut initdb = as_postgres(&program("initdb"));
    initdb.args(["-D", "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"]);
    check(initdb.args(["--locale", "C.UTF-8"]).current_dir(folder), folder);
    let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port");
    let port = port.port();
    let file = folder.join("data/postgresql.conf");
    let mut text = fs::read_to_string(&file).expect("the server's settings");
    text += &format!(
        "\nport = {port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\n\
         fsync = off\nfull_page_writes = off\nmax_connections = 200\nshared_buffers = 32MB\n\
         logging_collector = off\n"
    );
    fs::write(&file, text).expect("written");
    port
}

fn give_to_postgres(path: &Path) {
    if is_root() {
        let given = Command::new("chown").arg("postgres").arg(path).status();
        assert!(given.is_ok_and(|status| status.success()), "it is the server's");
    }
}

/// Has `pg_ctl` do something with the server in that folder.
fn run(folder: &Path, arguments: &[&str]) {
    let mut pg_ctl = as_postgres(&program("pg_ctl"));
    pg_ctl.args(["-D", "data", "-l", "log"]).args(arguments).current_dir(folder);
    check(&mut pg_ctl, folder);
}

fn check(command: &mut Command, folder: &Path) {
    // A server that is started keeps what it inherits, so nothing of ours is handed to it.
    let problems = File::create(folder.join("problems")).expect("a file");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(problems);
    let status = command.status().expect("it can be started");
    if !status.success() {
        let mut told = String::new();
        for file in ["problems", "log"] {
            let _ =
                File::open(folder.join(file)).and_then(|mut file| file.read_to_string(&mut told));
        }
        panic!("{command:?} failed:\n{told}");
    }
}

/// Starts the process that stops the server when nobody uses it any more.
fn watch(folder: &Path) {
    let mut watch = as_postgres(Path::new("bash"));
    watch.args(["-c", WATCH]).arg(program("pg_ctl")).current_dir(folder);
    watch.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // Nobody waits for it: it outlives the tests.
    drop(watch.spawn().expect("it can be started"));
}

/// A program that is run as the user postgres, since a server refuses to be root.
fn as_postgres(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(program);
    command
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n")
}

fn program(name: &str) -> PathBuf {
    on_path(name, "postgres.sh")
}
