CREATE TABLE alarms (
	id INTEGER NOT NULL,
	kind VARCHAR(40) NOT NULL,
	subject VARCHAR(160) NOT NULL,
	reason TEXT NOT NULL,
	raised_at DATETIME NOT NULL,
	cleared_at DATETIME,
	CONSTRAINT pk_alarms PRIMARY KEY (id)
);
CREATE UNIQUE INDEX uq_alarms_open ON alarms (kind, subject) WHERE cleared_at IS NULL;
CREATE TABLE audit (
	id INTEGER NOT NULL,
	at DATETIME NOT NULL,
	actor VARCHAR(80) NOT NULL,
	person_id INTEGER,
	session_id INTEGER,
	way VARCHAR(12) NOT NULL,
	address VARCHAR(60) NOT NULL,
	action VARCHAR(60) NOT NULL,
	subject VARCHAR(160) NOT NULL,
	order_id INTEGER,
	detail JSON NOT NULL,
	previous_hash VARCHAR(64) NOT NULL,
	hash VARCHAR(64) NOT NULL,
	CONSTRAINT pk_audit PRIMARY KEY (id)
);
CREATE INDEX ix_audit_action ON audit (action);
CREATE INDEX ix_audit_actor ON audit (actor);
CREATE INDEX ix_audit_order_id ON audit (order_id);
CREATE INDEX ix_audit_person_id ON audit (person_id);
CREATE INDEX ix_audit_subject ON audit (subject);
CREATE TABLE connections (
	id INTEGER NOT NULL,
	kind VARCHAR(16) NOT NULL,
	service VARCHAR(32) NOT NULL,
	name VARCHAR(120) NOT NULL,
	settings JSON NOT NULL,
	secrets TEXT NOT NULL,
	sandbox BOOLEAN NOT NULL,
	enabled BOOLEAN NOT NULL,
	created_at DATETIME NOT NULL,
	CONSTRAINT pk_connections PRIMARY KEY (id),
	CONSTRAINT ck_connections_kind CHECK (kind IN ('shop', 'invoicing', 'courier')),
	CONSTRAINT uq_connections_service_name UNIQUE (service, name)
);
CREATE TABLE fact_words (
	kind VARCHAR(16) NOT NULL,
	code INTEGER NOT NULL,
	word VARCHAR(300) NOT NULL,
	title VARCHAR(300) NOT NULL,
	CONSTRAINT pk_fact_words PRIMARY KEY (kind, code)
);
CREATE UNIQUE INDEX uq_fact_words_kind_word ON fact_words (kind, word);
CREATE TABLE not_parcels (
	id INTEGER NOT NULL,
	kind VARCHAR(8) NOT NULL,
	"key" VARCHAR(200) NOT NULL,
	created_at DATETIME NOT NULL,
	created_by VARCHAR(80) NOT NULL,
	CONSTRAINT pk_not_parcels PRIMARY KEY (id),
	CONSTRAINT uq_not_parcels_kind_key UNIQUE (kind, "key")
);
CREATE TABLE packed_days (
	day DATE NOT NULL,
	layout INTEGER NOT NULL,
	version BIGINT NOT NULL,
	parcels INTEGER NOT NULL,
	facts BLOB NOT NULL,
	CONSTRAINT pk_packed_days PRIMARY KEY (day)
);
CREATE TABLE people (
	id INTEGER NOT NULL,
	login VARCHAR(120) NOT NULL,
	name VARCHAR(80) NOT NULL,
	role VARCHAR(40) NOT NULL,
	password_hash TEXT NOT NULL,
	issuer VARCHAR(200) NOT NULL,
	subject VARCHAR(200) NOT NULL,
	created_at DATETIME NOT NULL,
	disabled_at DATETIME,
	made_by INTEGER,
	CONSTRAINT pk_people PRIMARY KEY (id),
	CONSTRAINT uq_people_login UNIQUE (login)
);
CREATE UNIQUE INDEX uq_people_subject ON people (issuer, subject) WHERE subject <> '';
CREATE TABLE pictures (
	sha256 VARCHAR(64) NOT NULL,
	filename VARCHAR(300) NOT NULL,
	mime VARCHAR(60) NOT NULL,
	size INTEGER NOT NULL,
	width INTEGER NOT NULL,
	height INTEGER NOT NULL,
	created_at DATETIME NOT NULL,
	CONSTRAINT pk_pictures PRIMARY KEY (sha256)
);
CREATE TABLE piles (
	id INTEGER NOT NULL,
	name VARCHAR(120) NOT NULL,
	created_at DATETIME NOT NULL,
	created_by VARCHAR(80) NOT NULL,
	closed_at DATETIME,
	proposed BOOLEAN DEFAULT 0 NOT NULL,
	choices JSON,
	looked_at DATETIME,
	CONSTRAINT pk_piles PRIMARY KEY (id)
);
CREATE TABLE preferences (
	"key" VARCHAR(80) NOT NULL,
	value JSON NOT NULL,
	updated_at DATETIME NOT NULL,
	CONSTRAINT pk_preferences PRIMARY KEY ("key")
);
CREATE TABLE roles (
	name VARCHAR(40) NOT NULL,
	rights JSON NOT NULL,
	CONSTRAINT pk_roles PRIMARY KEY (name)
);
CREATE TABLE sign_in_services (
	id INTEGER NOT NULL,
	settings JSON NOT NULL,
	secrets TEXT NOT NULL,
	saved_at DATETIME NOT NULL,
	CONSTRAINT pk_sign_in_services PRIMARY KEY (id)
);
CREATE TABLE sign_in_tries (
	"key" VARCHAR(200) NOT NULL,
	failures INTEGER NOT NULL,
	last_at DATETIME NOT NULL,
	CONSTRAINT pk_sign_in_tries PRIMARY KEY ("key")
);
CREATE TABLE stale_days (
	id INTEGER NOT NULL,
	day DATE NOT NULL,
	CONSTRAINT pk_stale_days PRIMARY KEY (id)
);
CREATE INDEX ix_stale_days_day ON stale_days (day);
CREATE TABLE stations (
	id INTEGER NOT NULL,
	name VARCHAR(80) NOT NULL,
	secret_hash VARCHAR(64) NOT NULL,
	made_by INTEGER,
	made_at DATETIME NOT NULL,
	used_at DATETIME,
	ended_at DATETIME,
	CONSTRAINT pk_stations PRIMARY KEY (id),
	CONSTRAINT uq_stations_secret_hash UNIQUE (secret_hash)
);
CREATE TABLE sync_cursors (
	"key" VARCHAR(120) NOT NULL,
	value JSON NOT NULL,
	updated_at DATETIME NOT NULL,
	CONSTRAINT pk_sync_cursors PRIMARY KEY ("key")
);
CREATE TABLE throttles (
	"key" VARCHAR(80) NOT NULL,
	capacity FLOAT NOT NULL,
	rate FLOAT NOT NULL,
	tokens FLOAT NOT NULL,
	updated_at FLOAT NOT NULL,
	blocked_until FLOAT NOT NULL,
	blocked_why TEXT DEFAULT '' NOT NULL,
	CONSTRAINT pk_throttles PRIMARY KEY ("key")
);
CREATE TABLE window_places (
	"key" VARCHAR(80) NOT NULL,
	number INTEGER NOT NULL,
	free_at FLOAT NOT NULL,
	CONSTRAINT pk_window_places PRIMARY KEY ("key", number)
);
CREATE TABLE approvals (
	id INTEGER NOT NULL,
	kind VARCHAR(40) NOT NULL,
	subject VARCHAR(160) NOT NULL,
	digest VARCHAR(64) NOT NULL,
	detail JSON NOT NULL,
	asked_name VARCHAR(80) NOT NULL,
	asked_by INTEGER,
	asked_at DATETIME NOT NULL,
	until DATETIME NOT NULL,
	given_by INTEGER,
	given_name VARCHAR(80) NOT NULL,
	given_at DATETIME,
	refused_at DATETIME,
	used_at DATETIME,
	CONSTRAINT pk_approvals PRIMARY KEY (id),
	CONSTRAINT fk_approvals_asked_by_people FOREIGN KEY(asked_by) REFERENCES people (id),
	CONSTRAINT fk_approvals_given_by_people FOREIGN KEY(given_by) REFERENCES people (id)
);
CREATE INDEX ix_approvals_asked_by ON approvals (asked_by);
CREATE INDEX ix_approvals_given_by ON approvals (given_by);
CREATE UNIQUE INDEX uq_approvals_open ON approvals (kind, digest) WHERE used_at IS NULL AND refused_at IS NULL;
CREATE TABLE awaited_rows (
	id INTEGER NOT NULL,
	shop_id INTEGER NOT NULL,
	name_key VARCHAR(60) NOT NULL,
	source VARCHAR(24) NOT NULL,
	text VARCHAR(200) NOT NULL,
	created_at DATETIME NOT NULL,
	CONSTRAINT pk_awaited_rows PRIMARY KEY (id),
	CONSTRAINT uq_awaited_rows_shop_id_name_key_source_text UNIQUE (shop_id, name_key, source, text),
	CONSTRAINT fk_awaited_rows_shop_id_connections FOREIGN KEY(shop_id) REFERENCES connections (id)
);
CREATE INDEX ix_awaited_rows_shop_id ON awaited_rows (shop_id);
CREATE TABLE badges (
	id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	code_hash VARCHAR(64) NOT NULL,
	created_at DATETIME NOT NULL,
	used_at DATETIME,
	ended_at DATETIME,
	CONSTRAINT pk_badges PRIMARY KEY (id),
	CONSTRAINT fk_badges_person_id_people FOREIGN KEY(person_id) REFERENCES people (id),
	CONSTRAINT uq_badges_code_hash UNIQUE (code_hash)
);
CREATE INDEX ix_badges_person_id ON badges (person_id);
CREATE TABLE challenges (
	token_hash VARCHAR(64) NOT NULL,
	kind VARCHAR(20) NOT NULL,
	person_id INTEGER,
	context JSON NOT NULL,
	asked_at DATETIME NOT NULL,
	expires_at DATETIME NOT NULL,
	CONSTRAINT pk_challenges PRIMARY KEY (token_hash),
	CONSTRAINT fk_challenges_person_id_people FOREIGN KEY(person_id) REFERENCES people (id)
);
CREATE INDEX ix_challenges_person_id ON challenges (person_id);
CREATE TABLE invitations (
	token_hash VARCHAR(64) NOT NULL,
	person_id INTEGER,
	expires_at DATETIME NOT NULL,
	used_at DATETIME,
	CONSTRAINT pk_invitations PRIMARY KEY (token_hash),
	CONSTRAINT fk_invitations_person_id_people FOREIGN KEY(person_id) REFERENCES people (id)
);
CREATE INDEX ix_invitations_person_id ON invitations (person_id);
CREATE TABLE orders (
	id INTEGER NOT NULL,
	shop_id INTEGER NOT NULL,
	gid VARCHAR(120) NOT NULL,
	name VARCHAR(60) NOT NULL,
	created_at DATETIME NOT NULL,
	updated_at DATETIME NOT NULL,
	cancelled_at DATETIME,
	payment VARCHAR(16) NOT NULL,
	financial_status VARCHAR(40) NOT NULL,
	fulfillment_status VARCHAR(40) NOT NULL,
	total_minor INTEGER NOT NULL,
	tax_minor INTEGER,
	currency VARCHAR(3) NOT NULL,
	second_total_minor INTEGER,
	second_currency VARCHAR(3) DEFAULT '' NOT NULL,
	customer_name VARCHAR(200) NOT NULL,
	customer_key VARCHAR(64) NOT NULL,
	phone VARCHAR(40) NOT NULL,
	email VARCHAR(200) NOT NULL,
	county VARCHAR(80) NOT NULL,
	city VARCHAR(120) NOT NULL,
	street VARCHAR(200) DEFAULT '' NOT NULL,
	postcode VARCHAR(16) DEFAULT '' NOT NULL,
	billed_to TEXT DEFAULT '' NOT NULL,
	note TEXT NOT NULL,
	tags JSON NOT NULL,
	attributes JSON NOT NULL,
	can_notify BOOLEAN NOT NULL,
	hold VARCHAR(40) NOT NULL,
	has_returns BOOLEAN NOT NULL,
	gateways VARCHAR(300) NOT NULL,
	synced_at DATETIME NOT NULL,
	forgotten_at DATETIME,
	CONSTRAINT pk_orders PRIMARY KEY (id),
	CONSTRAINT ck_orders_payment CHECK (payment IN ('cod', 'prepaid')),
	CONSTRAINT uq_orders_shop_id_gid UNIQUE (shop_id, gid),
	CONSTRAINT fk_orders_shop_id_connections FOREIGN KEY(shop_id) REFERENCES connections (id)
);
CREATE INDEX ix_orders_cancelled ON orders (cancelled_at) WHERE cancelled_at IS NOT NULL;
CREATE INDEX ix_orders_customer_key ON orders (customer_key);
CREATE INDEX ix_orders_customer_name ON orders (customer_name);
CREATE INDEX ix_orders_name ON orders (name);
CREATE INDEX ix_orders_phone ON orders (phone);
CREATE INDEX ix_orders_shop_id ON orders (shop_id);
CREATE INDEX ix_orders_updated_at ON orders (updated_at);
CREATE TABLE pairings (
	token_hash VARCHAR(64) NOT NULL,
	person VARCHAR(80) NOT NULL,
	person_id INTEGER,
	scope VARCHAR(12) NOT NULL,
	pile_id INTEGER,
	expires_at DATETIME NOT NULL,
	used_at DATETIME,
	CONSTRAINT pk_pairings PRIMARY KEY (token_hash),
	CONSTRAINT fk_pairings_person_id_people FOREIGN KEY(person_id) REFERENCES people (id),
	CONSTRAINT fk_pairings_pile_id_piles FOREIGN KEY(pile_id) REFERENCES piles (id)
);
CREATE INDEX ix_pairings_person_id ON pairings (person_id);
CREATE INDEX ix_pairings_pile_id ON pairings (pile_id);
CREATE TABLE passkeys (
	id INTEGER NOT NULL,
	person_id INTEGER NOT NULL,
	credential_id VARCHAR(1400) NOT NULL,
	public_key TEXT NOT NULL,
	user_handle VARCHAR(100) NOT NULL,
	sign_count INTEGER NOT NULL,
	name VARCHAR(80) NOT NULL,
	created_at DATETIME NOT NULL,
	used_at DATETIME,
	CONSTRAINT pk_passkeys PRIMARY KEY (id),
	CONSTRAINT fk_passkeys_person_id_people FOREIGN KEY(person_id) REFERENCES people (id),
	CONSTRAINT uq_passkeys_credential_id UNIQUE (credential_id)
);
CREATE INDEX ix_passkeys_person_id ON passkeys (person_id);
CREATE TABLE reading_pauses (
	connection_id INTEGER NOT NULL,
	until DATETIME NOT NULL,
	why TEXT DEFAULT '' NOT NULL,
	CONSTRAINT pk_reading_pauses PRIMARY KEY (connection_id),
	CONSTRAINT fk_reading_pauses_connection_id_connections FOREIGN KEY(connection_id) REFERENCES connections (id)
);
CREATE TABLE runs (
	id INTEGER NOT NULL,
	pile_id INTEGER,
	created_at DATETIME NOT NULL,
	created_by VARCHAR(80) NOT NULL,
	state VARCHAR(16) NOT NULL,
	finished_at DATETIME,
	total INTEGER NOT NULL,
	note TEXT DEFAULT '' NOT NULL,
	CONSTRAINT pk_runs PRIMARY KEY (id),
	CONSTRAINT ck_runs_state CHECK (state IN ('running', 'paused', 'stopped', 'finished')),
	CONSTRAINT fk_runs_pile_id_piles FOREIGN KEY(pile_id) REFERENCES piles (id)
);
CREATE INDEX ix_runs_pile_id ON runs (pile_id);
CREATE INDEX ix_runs_state ON runs (state);
CREATE TABLE sessions (
	id INTEGER NOT NULL,
	kind VARCHAR(12) NOT NULL,
	name VARCHAR(120) NOT NULL,
	person VARCHAR(80) NOT NULL,
	person_id INTEGER,
	scope VARCHAR(12) NOT NULL,
	rights JSON,
	pile_id INTEGER,
	station_id INTEGER,
	secret_hash VARCHAR(64) NOT NULL,
	address VARCHAR(60) NOT NULL,
	created_at DATETIME NOT NULL,
	seen_at DATETIME,
	proved_at DATETIME,
	ends_at DATETIME NOT NULL,
	signed_out_at DATETIME,
	CONSTRAINT pk_sessions PRIMARY KEY (id),
	CONSTRAINT fk_sessions_person_id_people FOREIGN KEY(person_id) REFERENCES people (id),
	CONSTRAINT fk_sessions_pile_id_piles FOREIGN KEY(pile_id) REFERENCES piles (id),
	CONSTRAINT uq_sessions_secret_hash UNIQUE (secret_hash)
);
CREATE INDEX ix_sessions_person_id ON sessions (person_id);
CREATE INDEX ix_sessions_pile_id ON sessions (pile_id);
CREATE TABLE webhooks_seen (
	webhook_id VARCHAR(120) NOT NULL,
	topic VARCHAR(60) NOT NULL,
	shop_id INTEGER NOT NULL,
	body JSON NOT NULL,
	received_at DATETIME NOT NULL,
	processed_at DATETIME,
	failures INTEGER DEFAULT '0' NOT NULL,
	retry_at DATETIME,
	CONSTRAINT pk_webhooks_seen PRIMARY KEY (webhook_id),
	CONSTRAINT fk_webhooks_seen_shop_id_connections FOREIGN KEY(shop_id) REFERENCES connections (id)
);
CREATE INDEX ix_webhooks_seen_pending ON webhooks_seen (shop_id) WHERE processed_at IS NULL;
CREATE INDEX ix_webhooks_seen_received_at ON webhooks_seen (received_at);
CREATE TABLE invoice_searches (
	order_id INTEGER NOT NULL,
	first_at DATETIME NOT NULL,
	searched_at DATETIME NOT NULL,
	CONSTRAINT pk_invoice_searches PRIMARY KEY (order_id),
	CONSTRAINT fk_invoice_searches_order_id_orders FOREIGN KEY(order_id) REFERENCES orders (id)
);
CREATE TABLE invoices (
	id INTEGER NOT NULL,
	order_id INTEGER NOT NULL,
	connection_id INTEGER,
	service VARCHAR(32) NOT NULL,
	account VARCHAR(60) DEFAULT '' NOT NULL,
	series VARCHAR(40) NOT NULL,
	number VARCHAR(40) NOT NULL,
	series_key VARCHAR(80) NOT NULL,
	number_key VARCHAR(80) NOT NULL,
	total_minor INTEGER,
	currency VARCHAR(3) NOT NULL,
	source VARCHAR(24) NOT NULL,
	storno_series VARCHAR(40) NOT NULL,
	storno_number VARCHAR(40) NOT NULL,
	reversed_at DATETIME,
	annulled_at DATETIME,
	CONSTRAINT pk_invoices PRIMARY KEY (id),
	CONSTRAINT uq_invoices_service_account_series_key_number_key UNIQUE (service, account, series_key, number_key),
	CONSTRAINT fk_invoices_order_id_orders FOREIGN KEY(order_id) REFERENCES orders (id),
	CONSTRAINT fk_invoices_connection_id_connections FOREIGN KEY(connection_id) REFERENCES connections (id)
);
CREATE INDEX ix_invoices_connection_id ON invoices (connection_id);
CREATE INDEX ix_invoices_open ON invoices (order_id) WHERE reversed_at IS NULL AND annulled_at IS NULL;
CREATE INDEX ix_invoices_order_id ON invoices (order_id);
CREATE INDEX ix_invoices_reversed ON invoices (coalesce(reversed_at, annulled_at)) WHERE coalesce(reversed_at, annulled_at) IS NOT NULL;
CREATE TABLE order_lines (
	id INTEGER NOT NULL,
	order_id INTEGER NOT NULL,
	gid VARCHAR(120) NOT NULL,
	title VARCHAR(300) NOT NULL,
	sku VARCHAR(80) NOT NULL,
	quantity INTEGER NOT NULL,
	price_minor INTEGER NOT NULL,
	image_url TEXT NOT NULL,
	CONSTRAINT pk_order_lines PRIMARY KEY (id),
	CONSTRAINT uq_order_lines_order_id_gid UNIQUE (order_id, gid),
	CONSTRAINT fk_order_lines_order_id_orders FOREIGN KEY(order_id) REFERENCES orders (id)
);
CREATE INDEX ix_order_lines_order_id ON order_lines (order_id);
CREATE TABLE order_questions (
	id INTEGER NOT NULL,
	order_id INTEGER NOT NULL,
	code VARCHAR(40) NOT NULL,
	text VARCHAR(200) NOT NULL,
	source VARCHAR(24) NOT NULL,
	created_at DATETIME NOT NULL,
	answered_at DATETIME,
	answered_by VARCHAR(80) NOT NULL,
	CONSTRAINT pk_order_questions PRIMARY KEY (id),
	CONSTRAINT uq_order_questions_order_id_code_text UNIQUE (order_id, code, text),
	CONSTRAINT fk_order_questions_order_id_orders FOREIGN KEY(order_id) REFERENCES orders (id)
);
CREATE INDEX ix_order_questions_order_id ON order_questions (order_id);
CREATE TABLE parcels (
	id INTEGER NOT NULL,
	order_id INTEGER NOT NULL,
	shop_id INTEGER NOT NULL,
	tracking VARCHAR(60) NOT NULL,
	tracking_key VARCHAR(60) NOT NULL,
	source VARCHAR(8) DEFAULT 'shop' NOT NULL,
	void BOOLEAN DEFAULT 0 NOT NULL,
	courier VARCHAR(24) NOT NULL,
	fulfillment_gid VARCHAR(120) NOT NULL,
	shipped_on DATE,
	payment VARCHAR(16) NOT NULL,
	county VARCHAR(80) NOT NULL,
	city VARCHAR(120) NOT NULL,
	customer_key VARCHAR(64) NOT NULL,
	repeat_customer BOOLEAN NOT NULL,
	sku VARCHAR(80) NOT NULL,
	product VARCHAR(300) NOT NULL,
	value_minor INTEGER NOT NULL,
	currency VARCHAR(3) NOT NULL,
	status VARCHAR(24) NOT NULL,
	status_text VARCHAR(300) NOT NULL,
	status_at DATETIME,
	courier_saw BOOLEAN DEFAULT 0 NOT NULL,
	outcome VARCHAR(16),
	outcome_on DATE,
	reason VARCHAR(120) NOT NULL,
	scanned_on DATE,
	cancelled_on DATE,
	reversed_on DATE,
	CONSTRAINT pk_parcels PRIMARY KEY (id),
	CONSTRAINT uq_parcels_order_id_tracking_key UNIQUE (order_id, tracking_key),
	CONSTRAINT ck_parcels_outcome CHECK (outcome IN ('delivered', 'refused', 'lost')),
	CONSTRAINT ck_parcels_source CHECK (source IN ('shop', 'list')),
	CONSTRAINT fk_parcels_order_id_orders FOREIGN KEY(order_id) REFERENCES orders (id),
	CONSTRAINT fk_parcels_shop_id_connections FOREIGN KEY(shop_id) REFERENCES connections (id)
);
CREATE INDEX ix_parcels_missing ON parcels (outcome_on) WHERE outcome = 'refused' AND scanned_on IS NULL;
CREATE INDEX ix_parcels_order_id ON parcels (order_id);
CREATE INDEX ix_parcels_shipped_on_courier ON parcels (shipped_on, courier);
CREATE INDEX ix_parcels_shop_id ON parcels (shop_id);
CREATE INDEX ix_parcels_tracking_key ON parcels (tracking_key);
CREATE TABLE pile_orders (
	id INTEGER NOT NULL,
	pile_id INTEGER NOT NULL,
	order_id INTEGER NOT NULL,
	added_at DATETIME NOT NULL,
	included BOOLEAN NOT NULL,
	restock BOOLEAN NOT NULL,
	reason VARCHAR(24) NOT NULL,
	staff_note VARCHAR(255) NOT NULL,
	notify BOOLEAN NOT NULL,
	refund BOOLEAN,
	document VARCHAR(16) NOT NULL,
	condition VARCHAR(24) NOT NULL,
	remark TEXT NOT NULL,
	cancel_fulfillments BOOLEAN NOT NULL,
	waived JSON,
	removed_at DATETIME,
	CONSTRAINT pk_pile_orders PRIMARY KEY (id),
	CONSTRAINT uq_pile_orders_pile_id_order_id UNIQUE (pile_id, order_id),
	CONSTRAINT fk_pile_orders_pile_id_piles FOREIGN KEY(pile_id) REFERENCES piles (id),
	CONSTRAINT fk_pile_orders_order_id_orders FOREIGN KEY(order_id) REFERENCES orders (id)
);
CREATE INDEX ix_pile_orders_order_id ON pile_orders (order_id);
CREATE INDEX ix_pile_orders_pile_id ON pile_orders (pile_id);
CREATE INDEX ix_pile_orders_removed ON pile_orders (pile_id) WHERE removed_at IS NOT NULL;
CREATE TABLE pile_pictures (
	id INTEGER NOT NULL,
	pile_id INTEGER NOT NULL,
	sha256 VARCHAR(64) NOT NULL,
	filename VARCHAR(300) NOT NULL,
	state VARCHAR(16) NOT NULL,
	error TEXT DEFAULT '' NOT NULL,
	reading JSON,
	added_at DATETIME NOT NULL,
	added_by VARCHAR(80) NOT NULL,
	kind VARCHAR(16) NOT NULL,
	order_id INTEGER,
	boxes_made BOOLEAN DEFAULT 0 NOT NULL,
	CONSTRAINT pk_pile_pictures PRIMARY KEY (id),
	CONSTRAINT uq_pile_pictures_pile_id_sha256_kind UNIQUE (pile_id, sha256, kind),
	CONSTRAINT fk_pile_pictures_pile_id_piles FOREIGN KEY(pile_id) REFERENCES piles (id),
	CONSTRAINT fk_pile_pictures_sha256_pictures FOREIGN KEY(sha256) REFERENCES pictures (sha256),
	CONSTRAINT fk_pile_pictures_order_id_orders FOREIGN KEY(order_id) REFERENCES orders (id)
);
CREATE INDEX ix_pile_pictures_order_id ON pile_pictures (order_id);
CREATE INDEX ix_pile_pictures_pile_id ON pile_pictures (pile_id);
CREATE INDEX ix_pile_pictures_state ON pile_pictures (state);
CREATE TABLE reversals (
	id INTEGER NOT NULL,
	order_id INTEGER NOT NULL,
	run_id INTEGER,
	origin VARCHAR(16) NOT NULL,
	requested_by VARCHAR(80) NOT NULL,
	approved BOOLEAN DEFAULT 0 NOT NULL,
	options JSON NOT NULL,
	proof JSON,
	state VARCHAR(16) NOT NULL,
	why TEXT DEFAULT '' NOT NULL,
	left_to_person BOOLEAN DEFAULT 0 NOT NULL,
	wake_at DATETIME,
	generation INTEGER NOT NULL,
	dispatched BOOLEAN NOT NULL,
	failures INTEGER NOT NULL,
	restocked BOOLEAN,
	created_at DATETIME NOT NULL,
	started_at DATETIME,
	finished_at DATETIME,
	CONSTRAINT pk_reversals PRIMARY KEY (id),
	CONSTRAINT ck_reversals_state CHECK (state IN ('queued', 'working', 'waiting', 'needs_person', 'done', 'stopped')),
	CONSTRAINT ck_reversals_open CHECK (finished_at IS NULL OR state NOT IN ('queued', 'working', 'waiting')),
	CONSTRAINT uq_reversals_order_id UNIQUE (order_id),
	CONSTRAINT fk_reversals_order_id_orders FOREIGN KEY(order_id) REFERENCES orders (id),
	CONSTRAINT fk_reversals_run_id_runs FOREIGN KEY(run_id) REFERENCES runs (id)
);
CREATE INDEX ix_reversals_due ON reversals (dispatched, run_id) WHERE finished_at IS NULL;
CREATE INDEX ix_reversals_finished ON reversals (run_id, finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX ix_reversals_run_id ON reversals (run_id);
CREATE INDEX ix_reversals_run_id_state ON reversals (run_id, state);
CREATE INDEX ix_reversals_state_dispatched ON reversals (state, dispatched);
CREATE TABLE aliases (
	id INTEGER NOT NULL,
	code_key VARCHAR(80) NOT NULL,
	parcel_id INTEGER NOT NULL,
	source VARCHAR(24) NOT NULL,
	created_at DATETIME NOT NULL,
	created_by VARCHAR(80) NOT NULL,
	CONSTRAINT pk_aliases PRIMARY KEY (id),
	CONSTRAINT uq_aliases_code_key_parcel_id UNIQUE (code_key, parcel_id),
	CONSTRAINT fk_aliases_parcel_id_parcels FOREIGN KEY(parcel_id) REFERENCES parcels (id)
);
CREATE INDEX ix_aliases_code_key ON aliases (code_key);
CREATE INDEX ix_aliases_parcel_id ON aliases (parcel_id);
CREATE TABLE effects (
	id INTEGER NOT NULL,
	reversal_id INTEGER NOT NULL,
	connection_id INTEGER NOT NULL,
	kind VARCHAR(24) NOT NULL,
	slot VARCHAR(24) NOT NULL,
	target VARCHAR(160) NOT NULL,
	invoice_id INTEGER,
	document VARCHAR(200) NOT NULL,
	"key" VARCHAR(80) NOT NULL,
	state VARCHAR(16) NOT NULL,
	attempt INTEGER NOT NULL,
	questions INTEGER NOT NULL,
	sent_at DATETIME,
	marked VARCHAR(160) NOT NULL,
	wait_seconds FLOAT NOT NULL,
	outcome VARCHAR(24) NOT NULL,
	why TEXT DEFAULT '' NOT NULL,
	evidence JSON,
	result JSON,
	updated_at DATETIME NOT NULL,
	CONSTRAINT pk_effects PRIMARY KEY (id),
	CONSTRAINT ck_effects_kind CHECK (kind IN ('cancel', 'storno', 'annul', 'fulfillment_cancel', 'tag', 'restock')),
	CONSTRAINT ck_effects_slot CHECK (slot IN ('cancel', 'document', 'fulfillment', 'tag', 'stock')),
	CONSTRAINT ck_effects_state CHECK (state IN ('planned', 'sent', 'unknown', 'confirmed', 'refused', 'held')),
	CONSTRAINT uq_effects_connection_id_slot_target UNIQUE (connection_id, slot, target),
	CONSTRAINT fk_effects_reversal_id_reversals FOREIGN KEY(reversal_id) REFERENCES reversals (id),
	CONSTRAINT fk_effects_connection_id_connections FOREIGN KEY(connection_id) REFERENCES connections (id),
	CONSTRAINT fk_effects_invoice_id_invoices FOREIGN KEY(invoice_id) REFERENCES invoices (id)
);
CREATE INDEX ix_effects_connection_id ON effects (connection_id);
CREATE UNIQUE INDEX ix_effects_document ON effects (document, slot) WHERE document <> '';
CREATE UNIQUE INDEX ix_effects_invoice ON effects (invoice_id, slot) WHERE invoice_id IS NOT NULL;
CREATE INDEX ix_effects_invoice_id ON effects (invoice_id);
CREATE INDEX ix_effects_reversal_id ON effects (reversal_id);
CREATE INDEX ix_effects_state ON effects (state, connection_id);
CREATE TABLE filings (
	invoice_id INTEGER NOT NULL,
	state VARCHAR(16) NOT NULL,
	note VARCHAR(400) NOT NULL,
	reported_at DATETIME NOT NULL,
	CONSTRAINT pk_filings PRIMARY KEY (invoice_id),
	CONSTRAINT ck_filings_state CHECK (state IN ('waiting', 'refused', 'filed', 'seen_to')),
	CONSTRAINT fk_filings_invoice_id_invoices FOREIGN KEY(invoice_id) REFERENCES invoices (id)
);
CREATE TABLE invoice_readings (
	invoice_id INTEGER NOT NULL,
	read_at DATETIME NOT NULL,
	facts JSON,
	why TEXT DEFAULT '' NOT NULL,
	CONSTRAINT pk_invoice_readings PRIMARY KEY (invoice_id),
	CONSTRAINT fk_invoice_readings_invoice_id_invoices FOREIGN KEY(invoice_id) REFERENCES invoices (id)
);
CREATE TABLE invoice_rivals (
	id INTEGER NOT NULL,
	invoice_id INTEGER NOT NULL,
	order_id INTEGER NOT NULL,
	source VARCHAR(24) NOT NULL,
	created_at DATETIME NOT NULL,
	CONSTRAINT pk_invoice_rivals PRIMARY KEY (id),
	CONSTRAINT uq_invoice_rivals_invoice_id_order_id UNIQUE (invoice_id, order_id),
	CONSTRAINT fk_invoice_rivals_invoice_id_invoices FOREIGN KEY(invoice_id) REFERENCES invoices (id),
	CONSTRAINT fk_invoice_rivals_order_id_orders FOREIGN KEY(order_id) REFERENCES orders (id)
);
CREATE INDEX ix_invoice_rivals_invoice_id ON invoice_rivals (invoice_id);
CREATE INDEX ix_invoice_rivals_order_id ON invoice_rivals (order_id);
CREATE TABLE scans (
	id INTEGER NOT NULL,
	pile_id INTEGER NOT NULL,
	"key" VARCHAR(80) NOT NULL,
	at DATETIME NOT NULL,
	"by" VARCHAR(80) NOT NULL,
	source VARCHAR(16) NOT NULL,
	code VARCHAR(400) NOT NULL,
	code_key VARCHAR(400) NOT NULL,
	format VARCHAR(40) NOT NULL,
	sha256 VARCHAR(64) NOT NULL,
	sight VARCHAR(40) NOT NULL,
	corners JSON,
	outcome VARCHAR(16) NOT NULL,
	verdict VARCHAR(24) NOT NULL,
	why TEXT DEFAULT '' NOT NULL,
	matched_by VARCHAR(24) NOT NULL,
	order_id INTEGER,
	parcel_id INTEGER,
	candidates JSON,
	undone_at DATETIME,
	undone_key VARCHAR(80) DEFAULT '' NOT NULL,
	CONSTRAINT pk_scans PRIMARY KEY (id),
	CONSTRAINT ck_scans_outcome CHECK (outcome IN ('matched', 'ambiguous', 'unmatched')),
	CONSTRAINT uq_scans_pile_id_key UNIQUE (pile_id, "key"),
	CONSTRAINT fk_scans_pile_id_piles FOREIGN KEY(pile_id) REFERENCES piles (id),
	CONSTRAINT fk_scans_order_id_orders FOREIGN KEY(order_id) REFERENCES orders (id),
	CONSTRAINT fk_scans_parcel_id_parcels FOREIGN KEY(parcel_id) REFERENCES parcels (id)
);
CREATE INDEX ix_scans_order_id ON scans (order_id);
CREATE INDEX ix_scans_parcel_id ON scans (parcel_id);
CREATE INDEX ix_scans_pile_id ON scans (pile_id);
CREATE INDEX ix_scans_pile_id_code_key ON scans (pile_id, code_key);
CREATE INDEX ix_scans_pile_id_order_id ON scans (pile_id, order_id, parcel_id);
CREATE INDEX ix_scans_pile_id_parcel_id ON scans (pile_id, parcel_id);
CREATE INDEX ix_scans_pile_unresolved ON scans (pile_id) WHERE outcome <> 'matched' AND undone_at IS NULL;
CREATE INDEX ix_scans_undone ON scans (pile_id) WHERE undone_at IS NOT NULL;
CREATE INDEX ix_scans_unresolved ON scans (id) WHERE outcome <> 'matched' AND undone_at IS NULL;
CREATE TABLE boxes (
	id INTEGER NOT NULL,
	pile_id INTEGER NOT NULL,
	picture_id INTEGER NOT NULL,
	page INTEGER NOT NULL,
	paper JSON NOT NULL,
	scan_id INTEGER,
	state VARCHAR(16) NOT NULL,
	fields JSON,
	candidates JSON,
	refused JSON,
	why TEXT DEFAULT '' NOT NULL,
	order_id INTEGER,
	found_by VARCHAR(80) NOT NULL,
	created_at DATETIME NOT NULL,
	looked_at DATETIME,
	CONSTRAINT pk_boxes PRIMARY KEY (id),
	CONSTRAINT ck_boxes_state CHECK (state IN ('waiting', 'open', 'found', 'dismissed')),
	CONSTRAINT fk_boxes_pile_id_piles FOREIGN KEY(pile_id) REFERENCES piles (id),
	CONSTRAINT fk_boxes_picture_id_pile_pictures FOREIGN KEY(picture_id) REFERENCES pile_pictures (id),
	CONSTRAINT fk_boxes_scan_id_scans FOREIGN KEY(scan_id) REFERENCES scans (id),
	CONSTRAINT fk_boxes_order_id_orders FOREIGN KEY(order_id) REFERENCES orders (id)
);
CREATE INDEX ix_boxes_order_id ON boxes (order_id);
CREATE INDEX ix_boxes_picture_id ON boxes (picture_id);
CREATE INDEX ix_boxes_pile_id ON boxes (pile_id);
CREATE INDEX ix_boxes_scan_id ON boxes (scan_id);
CREATE INDEX ix_boxes_state_pile_id ON boxes (state, pile_id);
