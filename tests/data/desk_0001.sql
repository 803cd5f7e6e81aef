BEGIN TRANSACTION;
CREATE TABLE accounts (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	domain TEXT, 
	created_at INTEGER NOT NULL, 
	CONSTRAINT pk_accounts PRIMARY KEY (id)
)
 STRICT

;
CREATE TABLE agent_loads (
	agent_id INTEGER NOT NULL, 
	interval_id INTEGER, 
	capacity INTEGER DEFAULT 0 NOT NULL, 
	used INTEGER DEFAULT 0 NOT NULL CONSTRAINT ck_agent_loads_used CHECK (used >= 0), 
	open_items INTEGER DEFAULT 0 NOT NULL CONSTRAINT ck_agent_loads_open_items CHECK (open_items >= 0), 
	last_assigned_at INTEGER DEFAULT 0 NOT NULL, 
	load_since INTEGER DEFAULT 0 NOT NULL, 
	idle_us INTEGER DEFAULT 0 NOT NULL, 
	at_capacity_us INTEGER DEFAULT 0 NOT NULL, 
	lost_at INTEGER, 
	CONSTRAINT pk_agent_loads PRIMARY KEY (agent_id), 
	CONSTRAINT fk_agent_loads_agent_id FOREIGN KEY(agent_id) REFERENCES agents (id) ON DELETE CASCADE, 
	CONSTRAINT fk_agent_loads_interval_id FOREIGN KEY(interval_id) REFERENCES presence_intervals (id)
)
 STRICT

;
INSERT INTO "agent_loads" VALUES(1,NULL,0,0,0,0,0,0,0,NULL);
INSERT INTO "agent_loads" VALUES(2,1,6000,1200,2,1800000020000075,1800000020000103,4,0,NULL);
INSERT INTO "agent_loads" VALUES(3,NULL,0,0,0,0,0,0,0,NULL);
INSERT INTO "agent_loads" VALUES(4,2,6000,2000,2,1800000020000081,1800000020000097,10,0,NULL);
CREATE TABLE agents (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	full_name TEXT NOT NULL, 
	email TEXT DEFAULT '' NOT NULL, 
	kind TEXT DEFAULT 'person' NOT NULL CONSTRAINT ck_agents_kind CHECK (kind in ('person', 'bot')), 
	role TEXT NOT NULL CONSTRAINT ck_agents_role CHECK (role in ('agent', 'supervisor', 'admin')), 
	presence_configuration_id INTEGER NOT NULL, 
	active INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_agents PRIMARY KEY (id), 
	CONSTRAINT ck_agents_active CHECK (active in (0, 1)), 
	CONSTRAINT fk_agents_presence_configuration_id FOREIGN KEY(presence_configuration_id) REFERENCES presence_configurations (id)
)
 STRICT

;
INSERT INTO "agents" VALUES(1,'ida','Ida','ida@ursamajor.example','person','agent',1,1);
INSERT INTO "agents" VALUES(2,'maya','Maya','maya@ursamajor.example','person','agent',1,1);
INSERT INTO "agents" VALUES(3,'sam','Sam','','person','supervisor',1,1);
INSERT INTO "agents" VALUES(4,'tom','Tom','tom@ursamajor.example','person','agent',1,1);
CREATE TABLE alembic_version (version_num varchar(32) not null primary key);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE assignments (
	id INTEGER NOT NULL, 
	work_id INTEGER NOT NULL, 
	agent_id INTEGER NOT NULL, 
	queue_id INTEGER, 
	state TEXT NOT NULL CONSTRAINT ck_assignments_state CHECK (state in ('offered', 'accepted', 'wrapping', 'closed', 'declined', 'timed_out', 'revoked', 'cancelled', 'transferred')), 
	weight INTEGER NOT NULL CONSTRAINT ck_assignments_weight CHECK (weight >= 0), 
	round INTEGER NOT NULL, 
	forced INTEGER DEFAULT 0 NOT NULL, 
	offered_at INTEGER NOT NULL, 
	deadline_at INTEGER, 
	accepted_at INTEGER, 
	opened_at INTEGER, 
	wrap_up_until INTEGER, 
	ended_at INTEGER, 
	reason TEXT, 
	choice TEXT DEFAULT '{}' NOT NULL, 
	CONSTRAINT pk_assignments PRIMARY KEY (id), 
	CONSTRAINT ck_assignments_forced CHECK (forced in (0, 1)), 
	CONSTRAINT fk_assignments_work_id FOREIGN KEY(work_id) REFERENCES work_items (id), 
	CONSTRAINT fk_assignments_agent_id FOREIGN KEY(agent_id) REFERENCES agents (id), 
	CONSTRAINT fk_assignments_queue_id FOREIGN KEY(queue_id) REFERENCES queues (id)
)
 STRICT

;
INSERT INTO "assignments" VALUES(1,1,2,2,'accepted',200,1,0,1800000000000021,1800000060000021,1800000020000025,1800000020000031,NULL,NULL,NULL,'{"eligible":2,"best":[[0,0,2],[0,0,4]]}');
INSERT INTO "assignments" VALUES(2,2,4,2,'declined',1000,1,0,1800000000000021,1800000060000021,NULL,NULL,NULL,1800000020000043,'in a meeting','{"eligible":2,"best":[[0,0,4],[1,1800000000000021,2]]}');
INSERT INTO "assignments" VALUES(3,2,2,2,'offered',1000,1,0,1800000020000045,1800000080000045,NULL,NULL,NULL,NULL,NULL,'{"eligible":1,"best":[[1,1800000000000021,2]]}');
INSERT INTO "assignments" VALUES(4,3,4,2,'offered',1000,1,0,1800000020000051,1800000080000051,NULL,NULL,NULL,NULL,NULL,'{"eligible":2,"best":[[0,1800000000000021,4],[2,1800000020000045,2]]}');
INSERT INTO "assignments" VALUES(5,4,4,2,'cancelled',1000,1,0,1800000020000057,1800000080000057,NULL,NULL,NULL,1800000020000085,NULL,'{"eligible":2,"best":[[1,1800000020000051,4],[2,1800000020000045,2]]}');
INSERT INTO "assignments" VALUES(6,5,2,2,'cancelled',1000,1,0,1800000020000063,1800000080000063,NULL,NULL,NULL,1800000020000091,NULL,'{"eligible":2,"best":[[2,1800000020000045,2],[2,1800000020000057,4]]}');
INSERT INTO "assignments" VALUES(7,6,4,2,'cancelled',1000,1,0,1800000020000069,1800000080000069,NULL,NULL,NULL,1800000020000097,NULL,'{"eligible":2,"best":[[2,1800000020000057,4],[3,1800000020000063,2]]}');
INSERT INTO "assignments" VALUES(8,7,2,2,'cancelled',1000,1,0,1800000020000075,1800000080000075,NULL,NULL,NULL,1800000020000103,NULL,'{"eligible":2,"best":[[3,1800000020000063,2],[3,1800000020000069,4]]}');
INSERT INTO "assignments" VALUES(9,8,4,2,'offered',1000,1,0,1800000020000081,1800000080000081,NULL,NULL,NULL,NULL,NULL,'{"eligible":2,"best":[[3,1800000020000069,4],[4,1800000020000075,2]]}');
CREATE TABLE attachments (
	id INTEGER NOT NULL, 
	message_id INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	type TEXT NOT NULL, 
	size INTEGER NOT NULL, 
	inline INTEGER DEFAULT 0 NOT NULL, 
	content_id TEXT DEFAULT '' NOT NULL, 
	digest TEXT NOT NULL, 
	CONSTRAINT pk_attachments PRIMARY KEY (id), 
	CONSTRAINT ck_attachments_inline CHECK (inline in (0, 1)), 
	CONSTRAINT fk_attachments_message_id FOREIGN KEY(message_id) REFERENCES messages (id), 
	CONSTRAINT fk_attachments_digest FOREIGN KEY(digest) REFERENCES blobs (digest)
)
 STRICT

;
CREATE TABLE blobs (
	digest TEXT NOT NULL, 
	size INTEGER NOT NULL, 
	content BLOB NOT NULL, 
	CONSTRAINT pk_blobs PRIMARY KEY (digest)
)
 STRICT

;
CREATE TABLE case_followers (
	case_id INTEGER NOT NULL, 
	agent_id INTEGER NOT NULL, 
	part TEXT DEFAULT 'follower' NOT NULL CONSTRAINT ck_case_followers_part CHECK (part in ('follower', 'collaborator')), 
	CONSTRAINT pk_case_followers PRIMARY KEY (case_id, agent_id), 
	CONSTRAINT fk_case_followers_case_id FOREIGN KEY(case_id) REFERENCES cases (id), 
	CONSTRAINT fk_case_followers_agent_id FOREIGN KEY(agent_id) REFERENCES agents (id)
)
 STRICT

;
CREATE TABLE case_participants (
	case_id INTEGER NOT NULL, 
	contact_id INTEGER NOT NULL, 
	CONSTRAINT pk_case_participants PRIMARY KEY (case_id, contact_id), 
	CONSTRAINT fk_case_participants_case_id FOREIGN KEY(case_id) REFERENCES cases (id), 
	CONSTRAINT fk_case_participants_contact_id FOREIGN KEY(contact_id) REFERENCES contacts (id)
)
 STRICT

;
INSERT INTO "case_participants" VALUES(1,1);
INSERT INTO "case_participants" VALUES(2,2);
INSERT INTO "case_participants" VALUES(3,3);
INSERT INTO "case_participants" VALUES(4,4);
INSERT INTO "case_participants" VALUES(5,5);
INSERT INTO "case_participants" VALUES(6,6);
INSERT INTO "case_participants" VALUES(7,7);
INSERT INTO "case_participants" VALUES(8,8);
CREATE TABLE cases (
	id INTEGER NOT NULL, 
	subject TEXT NOT NULL, 
	status TEXT DEFAULT 'new' NOT NULL CONSTRAINT ck_cases_status CHECK (status in ('new', 'open', 'waiting_customer', 'on_hold', 'resolved', 'closed')), 
	priority INTEGER DEFAULT 3 NOT NULL CONSTRAINT ck_cases_priority CHECK (priority between 1 and 5), 
	case_type TEXT, 
	channel_id INTEGER NOT NULL, 
	contact_id INTEGER, 
	account_id INTEGER, 
	owner_id INTEGER, 
	queue_id INTEGER, 
	routing_address_id INTEGER, 
	continues_case_id INTEGER, 
	language TEXT, 
	hold_reason TEXT, 
	hold_until INTEGER, 
	opened_at INTEGER NOT NULL, 
	updated_at INTEGER NOT NULL, 
	resolved_at INTEGER, 
	closed_at INTEGER, 
	CONSTRAINT pk_cases PRIMARY KEY (id), 
	CONSTRAINT ck_cases_hold_has_date CHECK (status <> 'on_hold' or hold_until is not null), 
	CONSTRAINT ck_cases_resolved_has_time CHECK (status not in ('resolved', 'closed') or resolved_at is not null), 
	CONSTRAINT ck_cases_closed_has_time CHECK (status <> 'closed' or closed_at is not null), 
	CONSTRAINT fk_cases_channel_id FOREIGN KEY(channel_id) REFERENCES channels (id), 
	CONSTRAINT fk_cases_contact_id FOREIGN KEY(contact_id) REFERENCES contacts (id), 
	CONSTRAINT fk_cases_account_id FOREIGN KEY(account_id) REFERENCES accounts (id), 
	CONSTRAINT fk_cases_owner_id FOREIGN KEY(owner_id) REFERENCES agents (id), 
	CONSTRAINT fk_cases_queue_id FOREIGN KEY(queue_id) REFERENCES queues (id), 
	CONSTRAINT fk_cases_routing_address_id FOREIGN KEY(routing_address_id) REFERENCES routing_addresses (id) ON DELETE SET NULL, 
	CONSTRAINT fk_cases_continues_case_id FOREIGN KEY(continues_case_id) REFERENCES cases (id)
)
 STRICT

;
INSERT INTO "cases" VALUES(1,'Inverter shows E-31','waiting_customer',3,NULL,1,1,NULL,2,2,NULL,NULL,NULL,NULL,NULL,1800000000000003,1800000020000037,NULL,NULL);
INSERT INTO "cases" VALUES(2,'Rechnung [31mrot]0;owned ‮gnp.exe 2J [@click=app.quit] �=1+1','new',3,NULL,1,2,NULL,NULL,2,NULL,NULL,NULL,NULL,NULL,1800000000000011,1800000000000013,NULL,NULL);
INSERT INTO "cases" VALUES(3,'Panel 0 is warm','new',3,NULL,1,3,NULL,NULL,2,NULL,NULL,NULL,NULL,NULL,1800000020000049,1800000020000051,NULL,NULL);
INSERT INTO "cases" VALUES(4,'Panel 1 is warm','new',3,NULL,1,4,NULL,NULL,1,NULL,NULL,NULL,NULL,NULL,1800000020000055,1800000020000085,NULL,NULL);
INSERT INTO "cases" VALUES(5,'Panel 2 is warm','on_hold',3,NULL,1,5,NULL,NULL,2,NULL,NULL,NULL,'=SUM(A1) waits for parts',1800086420000091,1800000020000061,1800000020000091,NULL,NULL);
INSERT INTO "cases" VALUES(6,'Panel 3 is warm','resolved',3,NULL,1,6,NULL,NULL,2,NULL,NULL,NULL,NULL,NULL,1800000020000067,1800000020000097,1800000020000097,NULL);
INSERT INTO "cases" VALUES(7,'Panel 4 is warm','closed',3,NULL,1,7,NULL,NULL,2,NULL,NULL,NULL,NULL,NULL,1800000020000073,1800000020000103,1800000020000103,1800000020000103);
INSERT INTO "cases" VALUES(8,'Panel 5 is warm','new',3,NULL,1,8,NULL,NULL,2,NULL,NULL,NULL,NULL,NULL,1800000020000079,1800000020000081,NULL,NULL);
CREATE TABLE channels (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	label TEXT NOT NULL, 
	weight INTEGER NOT NULL CONSTRAINT ck_channels_weight CHECK (weight > 0), 
	paused_weight INTEGER NOT NULL CONSTRAINT ck_channels_paused_weight CHECK (paused_weight >= 0), 
	sign_out TEXT NOT NULL CONSTRAINT ck_channels_sign_out CHECK (sign_out in ('keep', 'requeue-unopened', 'requeue-all')), 
	fallback_queue_id INTEGER, 
	active INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_channels PRIMARY KEY (id), 
	CONSTRAINT ck_channels_active CHECK (active in (0, 1)), 
	CONSTRAINT fk_channels_fallback_queue_id FOREIGN KEY(fallback_queue_id) REFERENCES queues (id)
)
 STRICT

;
INSERT INTO "channels" VALUES(1,'email','Mail',1000,200,'keep',NULL,1);
CREATE TABLE console_sessions (
	id TEXT NOT NULL, 
	agent_id INTEGER NOT NULL, 
	began_at INTEGER NOT NULL, 
	seen_at INTEGER NOT NULL, 
	CONSTRAINT pk_console_sessions PRIMARY KEY (id), 
	CONSTRAINT fk_console_sessions_agent_id FOREIGN KEY(agent_id) REFERENCES agents (id) ON DELETE CASCADE
)
 STRICT

;
CREATE TABLE contact_points (
	id INTEGER NOT NULL, 
	contact_id INTEGER NOT NULL, 
	kind TEXT NOT NULL CONSTRAINT ck_contact_points_kind CHECK (kind in ('email', 'phone', 'handle')), 
	value TEXT NOT NULL, 
	folded TEXT NOT NULL, 
	CONSTRAINT pk_contact_points PRIMARY KEY (id), 
	CONSTRAINT fk_contact_points_contact_id FOREIGN KEY(contact_id) REFERENCES contacts (id)
)
 STRICT

;
INSERT INTO "contact_points" VALUES(1,1,'email','lena@ortiz-farm.example','lena@ortiz-farm.example');
INSERT INTO "contact_points" VALUES(2,2,'email','evil@example.org','evil@example.org');
INSERT INTO "contact_points" VALUES(3,3,'email','c0@example.org','c0@example.org');
INSERT INTO "contact_points" VALUES(4,4,'email','c1@example.org','c1@example.org');
INSERT INTO "contact_points" VALUES(5,5,'email','c2@example.org','c2@example.org');
INSERT INTO "contact_points" VALUES(6,6,'email','c3@example.org','c3@example.org');
INSERT INTO "contact_points" VALUES(7,7,'email','c4@example.org','c4@example.org');
INSERT INTO "contact_points" VALUES(8,8,'email','c5@example.org','c5@example.org');
CREATE TABLE contacts (
	id INTEGER NOT NULL, 
	name TEXT DEFAULT '' NOT NULL, 
	account_id INTEGER, 
	merged_into_id INTEGER, 
	language TEXT, 
	created_at INTEGER NOT NULL, 
	CONSTRAINT pk_contacts PRIMARY KEY (id), 
	CONSTRAINT fk_contacts_account_id FOREIGN KEY(account_id) REFERENCES accounts (id), 
	CONSTRAINT fk_contacts_merged_into_id FOREIGN KEY(merged_into_id) REFERENCES contacts (id)
)
 STRICT

;
INSERT INTO "contacts" VALUES(1,'Lena Ortiz',NULL,NULL,NULL,1800000000000003);
INSERT INTO "contacts" VALUES(2,'Lena Ortiz',NULL,NULL,NULL,1800000000000011);
INSERT INTO "contacts" VALUES(3,'Lena Ortiz',NULL,NULL,NULL,1800000020000049);
INSERT INTO "contacts" VALUES(4,'Lena Ortiz',NULL,NULL,NULL,1800000020000055);
INSERT INTO "contacts" VALUES(5,'Lena Ortiz',NULL,NULL,NULL,1800000020000061);
INSERT INTO "contacts" VALUES(6,'Lena Ortiz',NULL,NULL,NULL,1800000020000067);
INSERT INTO "contacts" VALUES(7,'Lena Ortiz',NULL,NULL,NULL,1800000020000073);
INSERT INTO "contacts" VALUES(8,'Lena Ortiz',NULL,NULL,NULL,1800000020000079);
CREATE TABLE cursors (
	name TEXT NOT NULL, 
	xid INTEGER DEFAULT 0 NOT NULL, 
	event_id INTEGER DEFAULT 0 NOT NULL, 
	CONSTRAINT pk_cursors PRIMARY KEY (name)
)
 STRICT

;
INSERT INTO "cursors" VALUES('engine',0,60);
CREATE TABLE desk_settings (
	name TEXT NOT NULL, 
	value TEXT NOT NULL, 
	CONSTRAINT pk_desk_settings PRIMARY KEY (name)
)
 STRICT

;
INSERT INTO "desk_settings" VALUES('reply_key','0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f');
INSERT INTO "desk_settings" VALUES('revision','1');
INSERT INTO "desk_settings" VALUES('name','Ursa Major Solar');
INSERT INTO "desk_settings" VALUES('fallback_queue','tier-1');
CREATE TABLE engine_lease (
	id INTEGER NOT NULL CONSTRAINT ck_engine_lease_single CHECK (id = 1), 
	holder TEXT DEFAULT '' NOT NULL, 
	fence INTEGER DEFAULT 0 NOT NULL, 
	expires_at INTEGER DEFAULT 0 NOT NULL, 
	turned_at INTEGER DEFAULT 0 NOT NULL
)
 STRICT

;
INSERT INTO "engine_lease" VALUES(1,'test engine',1,1800000030000107,1800000020000107);
CREATE TABLE journal (
	id INTEGER NOT NULL, 
	at INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	actor_kind TEXT NOT NULL, 
	actor_id INTEGER, 
	actor_name TEXT DEFAULT '' NOT NULL, 
	subject_kind TEXT NOT NULL, 
	subject_id INTEGER NOT NULL, 
	case_id INTEGER, 
	work_id INTEGER, 
	agent_id INTEGER, 
	queue_id INTEGER, 
	cause_id INTEGER, 
	chain_id INTEGER NOT NULL, 
	depth INTEGER DEFAULT 0 NOT NULL, 
	settled INTEGER DEFAULT 0 NOT NULL, 
	data TEXT DEFAULT '{}' NOT NULL, 
	CONSTRAINT pk_journal PRIMARY KEY (id), 
	CONSTRAINT ck_journal_settled CHECK (settled in (0, 1))
)
 STRICT

;
INSERT INTO "journal" VALUES(1,1800000000000001,'desk.configured','admin',NULL,'admin','desk',0,NULL,NULL,NULL,NULL,NULL,1,0,0,'{"revision":1,"changes":["add the channel email: label Mail","add the presence status available: label Available, kind available, channels email","add the presence status away: label Away, kind busy","add the presence status offline: label Offline, kind offline","add the presence configuration standard","add the routing configuration normal","add the agent ida: name Ida, email ida@ursamajor.example","add the agent maya: name Maya, email maya@ursamajor.example","add the agent sam: name Sam, role supervisor","add the agent tom: name Tom, email tom@ursamajor.example","add the queue billing: members ida","add the queue tier-1: members maya, tom","add the mailbox support: smtp.host 127.0.0.1, smtp.port 1, smtp.tls none, from Ursa Major Solar <support@ursamajor.example>, addresses.support@ursamajor.example.queue tier-1","change the desk: name from Service desk to Ursa Major Solar, fallback_queue from none to tier-1"]}');
INSERT INTO "journal" VALUES(2,1800000000000003,'contact.created','admin',NULL,'admin','contact',1,NULL,NULL,NULL,NULL,NULL,2,0,0,'{"contact_id":1}');
INSERT INTO "journal" VALUES(3,1800000000000003,'case.opened','admin',NULL,'admin','case',1,1,NULL,NULL,NULL,NULL,2,0,0,'{"channel":"email","contact_id":1}');
INSERT INTO "journal" VALUES(4,1800000000000003,'message.received','admin',NULL,'admin','case',1,1,NULL,NULL,NULL,NULL,2,0,0,'{"message_id":1,"contact_id":1,"auto":false,"bounce":false}');
INSERT INTO "journal" VALUES(5,1800000000000007,'work.queued','engine',NULL,'engine','work',1,1,1,NULL,2,1,1,1,1,'{"why":"fallback"}');
INSERT INTO "journal" VALUES(6,1800000000000011,'contact.created','admin',NULL,'admin','contact',2,NULL,NULL,NULL,NULL,NULL,6,0,0,'{"contact_id":2}');
INSERT INTO "journal" VALUES(7,1800000000000011,'case.opened','admin',NULL,'admin','case',2,2,NULL,NULL,NULL,NULL,6,0,0,'{"channel":"email","contact_id":2}');
INSERT INTO "journal" VALUES(8,1800000000000011,'message.received','admin',NULL,'admin','case',2,2,NULL,NULL,NULL,NULL,6,0,0,'{"message_id":2,"contact_id":2,"auto":false,"bounce":false}');
INSERT INTO "journal" VALUES(9,1800000000000013,'work.queued','engine',NULL,'engine','work',2,2,2,NULL,2,7,6,1,1,'{"why":"fallback"}');
INSERT INTO "journal" VALUES(10,1800000000000017,'agent.presence_changed','agent',2,'maya','agent',2,NULL,NULL,2,NULL,NULL,10,0,0,'{"old":"offline","new":"available","why":""}');
INSERT INTO "journal" VALUES(11,1800000000000019,'agent.presence_changed','agent',4,'tom','agent',4,NULL,NULL,4,NULL,NULL,11,0,0,'{"old":"offline","new":"available","why":""}');
INSERT INTO "journal" VALUES(12,1800000000000021,'work.offered','engine',NULL,'engine','work',1,1,1,2,2,10,10,1,1,'{"assignment_id":1}');
INSERT INTO "journal" VALUES(13,1800000000000021,'work.offered','engine',NULL,'engine','work',2,2,2,4,2,11,11,1,1,'{"assignment_id":2}');
INSERT INTO "journal" VALUES(14,1800000020000025,'work.accepted','agent',2,'maya','work',1,1,1,2,2,NULL,14,0,0,'{"assignment_id":1,"how":"accepted"}');
INSERT INTO "journal" VALUES(15,1800000020000025,'case.assigned','agent',2,'maya','case',1,1,NULL,2,NULL,NULL,14,0,0,'{}');
INSERT INTO "journal" VALUES(16,1800000020000025,'case.status_changed','agent',2,'maya','case',1,1,NULL,NULL,NULL,NULL,14,0,0,'{"old":"new","new":"open"}');
INSERT INTO "journal" VALUES(17,1800000020000031,'message.queued','agent',2,'maya','case',1,1,NULL,2,NULL,NULL,17,0,0,'{"message_id":3}');
INSERT INTO "journal" VALUES(18,1800000020000031,'case.status_changed','agent',2,'maya','case',1,1,NULL,NULL,NULL,NULL,17,0,0,'{"old":"open","new":"waiting_customer"}');
INSERT INTO "journal" VALUES(19,1800000020000031,'work.reweighed','agent',2,'maya','work',1,1,1,2,2,NULL,17,0,0,'{"weight":200}');
INSERT INTO "journal" VALUES(20,1800000020000037,'message.noted','agent',2,'maya','case',1,1,NULL,2,NULL,NULL,20,0,0,'{"message_id":4}');
INSERT INTO "journal" VALUES(21,1800000020000043,'work.declined','agent',4,'tom','work',2,2,2,4,2,NULL,21,0,0,'{"reason":"in a meeting"}');
INSERT INTO "journal" VALUES(22,1800000020000045,'work.offered','engine',NULL,'engine','work',2,2,2,2,2,21,21,1,1,'{"assignment_id":3}');
INSERT INTO "journal" VALUES(23,1800000020000049,'contact.created','admin',NULL,'admin','contact',3,NULL,NULL,NULL,NULL,NULL,23,0,0,'{"contact_id":3}');
INSERT INTO "journal" VALUES(24,1800000020000049,'case.opened','admin',NULL,'admin','case',3,3,NULL,NULL,NULL,NULL,23,0,0,'{"channel":"email","contact_id":3}');
INSERT INTO "journal" VALUES(25,1800000020000049,'message.received','admin',NULL,'admin','case',3,3,NULL,NULL,NULL,NULL,23,0,0,'{"message_id":5,"contact_id":3,"auto":false,"bounce":false}');
INSERT INTO "journal" VALUES(26,1800000020000051,'work.queued','engine',NULL,'engine','work',3,3,3,NULL,2,24,23,1,1,'{"why":"fallback"}');
INSERT INTO "journal" VALUES(27,1800000020000051,'work.offered','engine',NULL,'engine','work',3,3,3,4,2,26,23,2,1,'{"assignment_id":4}');
INSERT INTO "journal" VALUES(28,1800000020000055,'contact.created','admin',NULL,'admin','contact',4,NULL,NULL,NULL,NULL,NULL,28,0,0,'{"contact_id":4}');
INSERT INTO "journal" VALUES(29,1800000020000055,'case.opened','admin',NULL,'admin','case',4,4,NULL,NULL,NULL,NULL,28,0,0,'{"channel":"email","contact_id":4}');
INSERT INTO "journal" VALUES(30,1800000020000055,'message.received','admin',NULL,'admin','case',4,4,NULL,NULL,NULL,NULL,28,0,0,'{"message_id":6,"contact_id":4,"auto":false,"bounce":false}');
INSERT INTO "journal" VALUES(31,1800000020000057,'work.queued','engine',NULL,'engine','work',4,4,4,NULL,2,29,28,1,1,'{"why":"fallback"}');
INSERT INTO "journal" VALUES(32,1800000020000057,'work.offered','engine',NULL,'engine','work',4,4,4,4,2,31,28,2,1,'{"assignment_id":5}');
INSERT INTO "journal" VALUES(33,1800000020000061,'contact.created','admin',NULL,'admin','contact',5,NULL,NULL,NULL,NULL,NULL,33,0,0,'{"contact_id":5}');
INSERT INTO "journal" VALUES(34,1800000020000061,'case.opened','admin',NULL,'admin','case',5,5,NULL,NULL,NULL,NULL,33,0,0,'{"channel":"email","contact_id":5}');
INSERT INTO "journal" VALUES(35,1800000020000061,'message.received','admin',NULL,'admin','case',5,5,NULL,NULL,NULL,NULL,33,0,0,'{"message_id":7,"contact_id":5,"auto":false,"bounce":false}');
INSERT INTO "journal" VALUES(36,1800000020000063,'work.queued','engine',NULL,'engine','work',5,5,5,NULL,2,34,33,1,1,'{"why":"fallback"}');
INSERT INTO "journal" VALUES(37,1800000020000063,'work.offered','engine',NULL,'engine','work',5,5,5,2,2,36,33,2,1,'{"assignment_id":6}');
INSERT INTO "journal" VALUES(38,1800000020000067,'contact.created','admin',NULL,'admin','contact',6,NULL,NULL,NULL,NULL,NULL,38,0,0,'{"contact_id":6}');
INSERT INTO "journal" VALUES(39,1800000020000067,'case.opened','admin',NULL,'admin','case',6,6,NULL,NULL,NULL,NULL,38,0,0,'{"channel":"email","contact_id":6}');
INSERT INTO "journal" VALUES(40,1800000020000067,'message.received','admin',NULL,'admin','case',6,6,NULL,NULL,NULL,NULL,38,0,0,'{"message_id":8,"contact_id":6,"auto":false,"bounce":false}');
INSERT INTO "journal" VALUES(41,1800000020000069,'work.queued','engine',NULL,'engine','work',6,6,6,NULL,2,39,38,1,1,'{"why":"fallback"}');
INSERT INTO "journal" VALUES(42,1800000020000069,'work.offered','engine',NULL,'engine','work',6,6,6,4,2,41,38,2,1,'{"assignment_id":7}');
INSERT INTO "journal" VALUES(43,1800000020000073,'contact.created','admin',NULL,'admin','contact',7,NULL,NULL,NULL,NULL,NULL,43,0,0,'{"contact_id":7}');
INSERT INTO "journal" VALUES(44,1800000020000073,'case.opened','admin',NULL,'admin','case',7,7,NULL,NULL,NULL,NULL,43,0,0,'{"channel":"email","contact_id":7}');
INSERT INTO "journal" VALUES(45,1800000020000073,'message.received','admin',NULL,'admin','case',7,7,NULL,NULL,NULL,NULL,43,0,0,'{"message_id":9,"contact_id":7,"auto":false,"bounce":false}');
INSERT INTO "journal" VALUES(46,1800000020000075,'work.queued','engine',NULL,'engine','work',7,7,7,NULL,2,44,43,1,1,'{"why":"fallback"}');
INSERT INTO "journal" VALUES(47,1800000020000075,'work.offered','engine',NULL,'engine','work',7,7,7,2,2,46,43,2,1,'{"assignment_id":8}');
INSERT INTO "journal" VALUES(48,1800000020000079,'contact.created','admin',NULL,'admin','contact',8,NULL,NULL,NULL,NULL,NULL,48,0,0,'{"contact_id":8}');
INSERT INTO "journal" VALUES(49,1800000020000079,'case.opened','admin',NULL,'admin','case',8,8,NULL,NULL,NULL,NULL,48,0,0,'{"channel":"email","contact_id":8}');
INSERT INTO "journal" VALUES(50,1800000020000079,'message.received','admin',NULL,'admin','case',8,8,NULL,NULL,NULL,NULL,48,0,0,'{"message_id":10,"contact_id":8,"auto":false,"bounce":false}');
INSERT INTO "journal" VALUES(51,1800000020000081,'work.queued','engine',NULL,'engine','work',8,8,8,NULL,2,49,48,1,1,'{"why":"fallback"}');
INSERT INTO "journal" VALUES(52,1800000020000081,'work.offered','engine',NULL,'engine','work',8,8,8,4,2,51,48,2,1,'{"assignment_id":9}');
INSERT INTO "journal" VALUES(53,1800000020000085,'work.cancelled','admin',NULL,'admin','work',4,4,4,4,2,NULL,53,0,0,'{"why":"transferred"}');
INSERT INTO "journal" VALUES(54,1800000020000085,'work.queued','admin',NULL,'admin','work',9,4,9,NULL,1,NULL,53,0,0,'{"why":"transferred"}');
INSERT INTO "journal" VALUES(55,1800000020000091,'case.status_changed','admin',NULL,'admin','case',5,5,NULL,NULL,NULL,NULL,55,0,0,'{"old":"new","new":"on_hold","reason":"=SUM(A1) waits for parts"}');
INSERT INTO "journal" VALUES(56,1800000020000091,'work.cancelled','admin',NULL,'admin','work',5,5,5,2,2,NULL,55,0,0,'{"why":"on hold"}');
INSERT INTO "journal" VALUES(57,1800000020000097,'case.status_changed','admin',NULL,'admin','case',6,6,NULL,NULL,NULL,NULL,57,0,0,'{"old":"new","new":"resolved"}');
INSERT INTO "journal" VALUES(58,1800000020000097,'work.cancelled','admin',NULL,'admin','work',6,6,6,4,2,NULL,57,0,0,'{"why":"finished"}');
INSERT INTO "journal" VALUES(59,1800000020000103,'case.status_changed','agent',3,'sam','case',7,7,NULL,NULL,NULL,NULL,59,0,0,'{"old":"new","new":"closed"}');
INSERT INTO "journal" VALUES(60,1800000020000103,'work.cancelled','agent',3,'sam','work',7,7,7,2,2,NULL,59,0,0,'{"why":"finished"}');
CREATE TABLE mail_receipts (
	id INTEGER NOT NULL, 
	mailbox_id INTEGER, 
	uidvalidity INTEGER, 
	uid INTEGER, 
	at INTEGER NOT NULL, 
	digest TEXT NOT NULL, 
	mail_id TEXT DEFAULT '' NOT NULL, 
	state TEXT NOT NULL CONSTRAINT ck_mail_receipts_state CHECK (state in ('taken', 'repeated', 'quarantined')), 
	reason TEXT, 
	raw_digest TEXT, 
	message_id INTEGER, 
	CONSTRAINT pk_mail_receipts PRIMARY KEY (id), 
	CONSTRAINT fk_mail_receipts_mailbox_id FOREIGN KEY(mailbox_id) REFERENCES mailboxes (id) ON DELETE SET NULL, 
	CONSTRAINT fk_mail_receipts_raw_digest FOREIGN KEY(raw_digest) REFERENCES blobs (digest), 
	CONSTRAINT fk_mail_receipts_message_id FOREIGN KEY(message_id) REFERENCES messages (id)
)
 STRICT

;
CREATE TABLE mail_threads (
	mail_id TEXT NOT NULL, 
	case_id INTEGER NOT NULL, 
	CONSTRAINT pk_mail_threads PRIMARY KEY (mail_id, case_id), 
	CONSTRAINT fk_mail_threads_case_id FOREIGN KEY(case_id) REFERENCES cases (id)
)
 STRICT

;
INSERT INTO "mail_threads" VALUES('<1.3.dwrpfjtdbw6gcrcf@ursamajor.example>',1);
CREATE TABLE mailbox_states (
	mailbox_id INTEGER NOT NULL, 
	uidvalidity INTEGER, 
	next_uid INTEGER, 
	polled_at INTEGER, 
	failed_at INTEGER, 
	failure TEXT, 
	CONSTRAINT pk_mailbox_states PRIMARY KEY (mailbox_id), 
	CONSTRAINT fk_mailbox_states_mailbox_id FOREIGN KEY(mailbox_id) REFERENCES mailboxes (id) ON DELETE CASCADE
)
 STRICT

;
INSERT INTO "mailbox_states" VALUES(1,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE mailboxes (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	from_header TEXT NOT NULL, 
	imap TEXT, 
	smtp TEXT, 
	active INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_mailboxes PRIMARY KEY (id), 
	CONSTRAINT ck_mailboxes_active CHECK (active in (0, 1))
)
 STRICT

;
INSERT INTO "mailboxes" VALUES(1,'support','Ursa Major Solar <support@ursamajor.example>',NULL,'{"host":"127.0.0.1","port":1,"tls":"none","user":null,"password":null}',1);
CREATE TABLE messages (
	id INTEGER NOT NULL, 
	case_id INTEGER NOT NULL, 
	direction TEXT NOT NULL CONSTRAINT ck_messages_direction CHECK (direction in ('inbound', 'outbound', 'note')), 
	channel_id INTEGER NOT NULL, 
	contact_id INTEGER, 
	agent_id INTEGER, 
	at INTEGER NOT NULL, 
	subject TEXT DEFAULT '' NOT NULL, 
	text TEXT NOT NULL, 
	reply_text TEXT NOT NULL, 
	mail_id TEXT, 
	recipients TEXT DEFAULT '[]' NOT NULL, 
	reply_to TEXT DEFAULT '' NOT NULL, 
	delivery TEXT, 
	delivery_error TEXT, 
	raw_digest TEXT, 
	auto INTEGER DEFAULT 0 NOT NULL, 
	bounce INTEGER DEFAULT 0 NOT NULL, 
	CONSTRAINT pk_messages PRIMARY KEY (id), 
	CONSTRAINT ck_messages_auto CHECK (auto in (0, 1)), 
	CONSTRAINT ck_messages_bounce CHECK (bounce in (0, 1)), 
	CONSTRAINT ck_messages_delivery CHECK (delivery is null or delivery in ('queued', 'sent', 'failed')), 
	CONSTRAINT ck_messages_only_outbound_is_delivered CHECK (direction = 'outbound' or delivery is null), 
	CONSTRAINT fk_messages_case_id FOREIGN KEY(case_id) REFERENCES cases (id), 
	CONSTRAINT fk_messages_channel_id FOREIGN KEY(channel_id) REFERENCES channels (id), 
	CONSTRAINT fk_messages_contact_id FOREIGN KEY(contact_id) REFERENCES contacts (id), 
	CONSTRAINT fk_messages_agent_id FOREIGN KEY(agent_id) REFERENCES agents (id), 
	CONSTRAINT fk_messages_raw_digest FOREIGN KEY(raw_digest) REFERENCES blobs (digest)
)
 STRICT

;
INSERT INTO "messages" VALUES(1,1,'inbound',1,1,NULL,1800000000000003,'Inverter shows E-31','It is dark.','It is dark.',NULL,'[]','lena@ortiz-farm.example',NULL,NULL,NULL,0,0);
INSERT INTO "messages" VALUES(2,2,'inbound',1,2,NULL,1800000000000011,'Rechnung [31mrot]0;owned ‮gnp.exe 2J [@click=app.quit] �=1+1','It is dark.','It is dark.',NULL,'[]','evil@example.org',NULL,NULL,NULL,0,0);
INSERT INTO "messages" VALUES(3,1,'outbound',1,NULL,2,1800000020000031,'Re: Inverter shows E-31 [#1]','Press reset.
Then wait.','Press reset.
Then wait.','<1.3.dwrpfjtdbw6gcrcf@ursamajor.example>','["lena@ortiz-farm.example"]','','queued',NULL,NULL,0,0);
INSERT INTO "messages" VALUES(4,1,'note',1,NULL,2,1800000020000037,'','Warranty ends in May.','Warranty ends in May.',NULL,'[]','',NULL,NULL,NULL,0,0);
INSERT INTO "messages" VALUES(5,3,'inbound',1,3,NULL,1800000020000049,'Panel 0 is warm','It is dark.','It is dark.',NULL,'[]','c0@example.org',NULL,NULL,NULL,0,0);
INSERT INTO "messages" VALUES(6,4,'inbound',1,4,NULL,1800000020000055,'Panel 1 is warm','It is dark.','It is dark.',NULL,'[]','c1@example.org',NULL,NULL,NULL,0,0);
INSERT INTO "messages" VALUES(7,5,'inbound',1,5,NULL,1800000020000061,'Panel 2 is warm','It is dark.','It is dark.',NULL,'[]','c2@example.org',NULL,NULL,NULL,0,0);
INSERT INTO "messages" VALUES(8,6,'inbound',1,6,NULL,1800000020000067,'Panel 3 is warm','It is dark.','It is dark.',NULL,'[]','c3@example.org',NULL,NULL,NULL,0,0);
INSERT INTO "messages" VALUES(9,7,'inbound',1,7,NULL,1800000020000073,'Panel 4 is warm','It is dark.','It is dark.',NULL,'[]','c4@example.org',NULL,NULL,NULL,0,0);
INSERT INTO "messages" VALUES(10,8,'inbound',1,8,NULL,1800000020000079,'Panel 5 is warm','It is dark.','It is dark.',NULL,'[]','c5@example.org',NULL,NULL,NULL,0,0);
CREATE TABLE offer_exclusions (
	work_id INTEGER NOT NULL, 
	agent_id INTEGER NOT NULL, 
	round INTEGER NOT NULL, 
	why TEXT NOT NULL CONSTRAINT ck_offer_exclusions_why CHECK (why in ('declined', 'timed_out')), 
	CONSTRAINT pk_offer_exclusions PRIMARY KEY (work_id, agent_id, round), 
	CONSTRAINT fk_offer_exclusions_work_id FOREIGN KEY(work_id) REFERENCES work_items (id), 
	CONSTRAINT fk_offer_exclusions_agent_id FOREIGN KEY(agent_id) REFERENCES agents (id) ON DELETE CASCADE
)
 STRICT

;
INSERT INTO "offer_exclusions" VALUES(2,4,1,'declined');
CREATE TABLE outbox (
	id INTEGER NOT NULL, 
	kind TEXT NOT NULL CONSTRAINT ck_outbox_kind CHECK (kind in ('mail')), 
	delivery_key TEXT NOT NULL, 
	message_id INTEGER, 
	mailbox_id INTEGER, 
	state TEXT DEFAULT 'queued' NOT NULL CONSTRAINT ck_outbox_state CHECK (state in ('queued', 'sending', 'sent', 'failed')), 
	tries INTEGER DEFAULT 0 NOT NULL, 
	due_at INTEGER NOT NULL, 
	error TEXT, 
	created_at INTEGER NOT NULL, 
	ended_at INTEGER, 
	cause_id INTEGER, 
	chain_id INTEGER, 
	depth INTEGER DEFAULT 0 NOT NULL, 
	CONSTRAINT pk_outbox PRIMARY KEY (id), 
	CONSTRAINT fk_outbox_message_id FOREIGN KEY(message_id) REFERENCES messages (id), 
	CONSTRAINT fk_outbox_mailbox_id FOREIGN KEY(mailbox_id) REFERENCES mailboxes (id) ON DELETE SET NULL
)
 STRICT

;
INSERT INTO "outbox" VALUES(1,'mail','<1.3.dwrpfjtdbw6gcrcf@ursamajor.example>',3,1,'queued',0,1800000020000031,NULL,1800000020000031,NULL,17,17,0);
CREATE TABLE presence_configurations (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	capacity INTEGER NOT NULL CONSTRAINT ck_presence_configurations_capacity CHECK (capacity >= 0), 
	auto_accept INTEGER DEFAULT 0 NOT NULL, 
	decline_allowed INTEGER DEFAULT 1 NOT NULL, 
	decline_reason_required INTEGER DEFAULT 0 NOT NULL, 
	decline_reasons TEXT DEFAULT '[]' NOT NULL, 
	status_after_decline_id INTEGER, 
	status_after_timeout_id INTEGER, 
	wrap_up_s INTEGER DEFAULT 0 NOT NULL, 
	grace_s INTEGER DEFAULT 120 NOT NULL, 
	active INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_presence_configurations PRIMARY KEY (id), 
	CONSTRAINT ck_presence_configurations_auto_accept CHECK (auto_accept in (0, 1)), 
	CONSTRAINT ck_presence_configurations_decline_allowed CHECK (decline_allowed in (0, 1)), 
	CONSTRAINT ck_presence_configurations_decline_reason_required CHECK (decline_reason_required in (0, 1)), 
	CONSTRAINT ck_presence_configurations_active CHECK (active in (0, 1)), 
	CONSTRAINT fk_presence_configurations_status_after_decline_id FOREIGN KEY(status_after_decline_id) REFERENCES presence_statuses (id), 
	CONSTRAINT fk_presence_configurations_status_after_timeout_id FOREIGN KEY(status_after_timeout_id) REFERENCES presence_statuses (id)
)
 STRICT

;
INSERT INTO "presence_configurations" VALUES(1,'standard',6000,0,1,0,'[]',NULL,2,0,120,1);
CREATE TABLE presence_intervals (
	id INTEGER NOT NULL, 
	agent_id INTEGER NOT NULL, 
	status_id INTEGER NOT NULL, 
	began_at INTEGER NOT NULL, 
	ended_at INTEGER, 
	capacity INTEGER NOT NULL, 
	idle_us INTEGER DEFAULT 0 NOT NULL, 
	at_capacity_us INTEGER DEFAULT 0 NOT NULL, 
	CONSTRAINT pk_presence_intervals PRIMARY KEY (id), 
	CONSTRAINT fk_presence_intervals_agent_id FOREIGN KEY(agent_id) REFERENCES agents (id), 
	CONSTRAINT fk_presence_intervals_status_id FOREIGN KEY(status_id) REFERENCES presence_statuses (id)
)
 STRICT

;
INSERT INTO "presence_intervals" VALUES(1,2,1,1800000000000017,NULL,6000,0,0);
INSERT INTO "presence_intervals" VALUES(2,4,1,1800000000000019,NULL,6000,0,0);
CREATE TABLE presence_status_channels (
	status_id INTEGER NOT NULL, 
	channel_id INTEGER NOT NULL, 
	CONSTRAINT pk_presence_status_channels PRIMARY KEY (status_id, channel_id), 
	CONSTRAINT fk_presence_status_channels_status_id FOREIGN KEY(status_id) REFERENCES presence_statuses (id) ON DELETE CASCADE, 
	CONSTRAINT fk_presence_status_channels_channel_id FOREIGN KEY(channel_id) REFERENCES channels (id) ON DELETE CASCADE
)
 STRICT

;
INSERT INTO "presence_status_channels" VALUES(1,1);
CREATE TABLE presence_statuses (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	label TEXT NOT NULL, 
	kind TEXT NOT NULL CONSTRAINT ck_presence_statuses_kind CHECK (kind in ('available', 'busy', 'offline')), 
	active INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_presence_statuses PRIMARY KEY (id), 
	CONSTRAINT ck_presence_statuses_active CHECK (active in (0, 1))
)
 STRICT

;
INSERT INTO "presence_statuses" VALUES(1,'available','Available','available',1);
INSERT INTO "presence_statuses" VALUES(2,'away','Away','busy',1);
INSERT INTO "presence_statuses" VALUES(3,'offline','Offline','offline',1);
CREATE TABLE queue_loads (
	queue_id INTEGER NOT NULL, 
	waiting INTEGER DEFAULT 0 NOT NULL CONSTRAINT ck_queue_loads_waiting CHECK (waiting >= 0), 
	offered INTEGER DEFAULT 0 NOT NULL CONSTRAINT ck_queue_loads_offered CHECK (offered >= 0), 
	accepted INTEGER DEFAULT 0 NOT NULL CONSTRAINT ck_queue_loads_accepted CHECK (accepted >= 0), 
	CONSTRAINT pk_queue_loads PRIMARY KEY (queue_id), 
	CONSTRAINT fk_queue_loads_queue_id FOREIGN KEY(queue_id) REFERENCES queues (id) ON DELETE CASCADE
)
 STRICT

;
INSERT INTO "queue_loads" VALUES(1,1,0,0);
INSERT INTO "queue_loads" VALUES(2,0,3,1);
CREATE TABLE queue_members (
	queue_id INTEGER NOT NULL, 
	agent_id INTEGER NOT NULL, 
	CONSTRAINT pk_queue_members PRIMARY KEY (queue_id, agent_id), 
	CONSTRAINT fk_queue_members_queue_id FOREIGN KEY(queue_id) REFERENCES queues (id) ON DELETE CASCADE, 
	CONSTRAINT fk_queue_members_agent_id FOREIGN KEY(agent_id) REFERENCES agents (id) ON DELETE CASCADE
)
 STRICT

;
INSERT INTO "queue_members" VALUES(1,1);
INSERT INTO "queue_members" VALUES(2,2);
INSERT INTO "queue_members" VALUES(2,4);
CREATE TABLE queues (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	label TEXT NOT NULL, 
	routing_configuration_id INTEGER, 
	active INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_queues PRIMARY KEY (id), 
	CONSTRAINT ck_queues_active CHECK (active in (0, 1)), 
	CONSTRAINT fk_queues_routing_configuration_id FOREIGN KEY(routing_configuration_id) REFERENCES routing_configurations (id)
)
 STRICT

;
INSERT INTO "queues" VALUES(1,'billing','',1,1);
INSERT INTO "queues" VALUES(2,'tier-1','',1,1);
CREATE TABLE routing_addresses (
	id INTEGER NOT NULL, 
	address TEXT NOT NULL, 
	mailbox_id INTEGER NOT NULL, 
	queue_id INTEGER, 
	priority INTEGER CONSTRAINT ck_routing_addresses_priority CHECK (priority between 1 and 5), 
	case_type TEXT, 
	language TEXT, 
	CONSTRAINT pk_routing_addresses PRIMARY KEY (id), 
	CONSTRAINT fk_routing_addresses_mailbox_id FOREIGN KEY(mailbox_id) REFERENCES mailboxes (id) ON DELETE CASCADE, 
	CONSTRAINT fk_routing_addresses_queue_id FOREIGN KEY(queue_id) REFERENCES queues (id)
)
 STRICT

;
INSERT INTO "routing_addresses" VALUES(1,'support@ursamajor.example',1,2,3,NULL,NULL);
CREATE TABLE routing_configurations (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	priority INTEGER NOT NULL, 
	model TEXT NOT NULL CONSTRAINT ck_routing_configurations_model CHECK (model in ('least-active')), 
	weight INTEGER CONSTRAINT ck_routing_configurations_weight CHECK (weight > 0), 
	push_timeout_s INTEGER NOT NULL CONSTRAINT ck_routing_configurations_push_timeout_s CHECK (push_timeout_s >= 0), 
	round_pause_s INTEGER NOT NULL CONSTRAINT ck_routing_configurations_round_pause_s CHECK (round_pause_s > 0), 
	active INTEGER DEFAULT 1 NOT NULL, 
	CONSTRAINT pk_routing_configurations PRIMARY KEY (id), 
	CONSTRAINT ck_routing_configurations_active CHECK (active in (0, 1))
)
 STRICT

;
INSERT INTO "routing_configurations" VALUES(1,'normal',5,'least-active',NULL,60,30,1);
CREATE TABLE timers (
	id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	subject_kind TEXT NOT NULL, 
	subject_id INTEGER NOT NULL, 
	due_at INTEGER NOT NULL, 
	cause_id INTEGER, 
	chain_id INTEGER, 
	depth INTEGER DEFAULT 0 NOT NULL, 
	data TEXT DEFAULT '{}' NOT NULL, 
	CONSTRAINT pk_timers PRIMARY KEY (id)
)
 STRICT

;
INSERT INTO "timers" VALUES(1,'offer.deadline','assignment',3,1800000080000045,22,21,1,'{}');
INSERT INTO "timers" VALUES(2,'offer.deadline','assignment',4,1800000080000051,27,23,2,'{}');
INSERT INTO "timers" VALUES(7,'offer.deadline','assignment',9,1800000080000081,52,48,2,'{}');
INSERT INTO "timers" VALUES(8,'case.hold','case',5,1800086420000091,55,55,0,'{}');
CREATE TABLE work_items (
	id INTEGER NOT NULL, 
	kind TEXT NOT NULL CONSTRAINT ck_work_items_kind CHECK (kind in ('case')), 
	subject_id INTEGER NOT NULL, 
	case_id INTEGER NOT NULL, 
	channel_id INTEGER NOT NULL, 
	queue_id INTEGER NOT NULL, 
	state TEXT DEFAULT 'waiting' NOT NULL CONSTRAINT ck_work_items_state CHECK (state in ('waiting', 'offered', 'accepted', 'wrapping', 'closed', 'cancelled', 'transferred')), 
	priority INTEGER NOT NULL, 
	secondary INTEGER DEFAULT 0 NOT NULL, 
	accept_by INTEGER NOT NULL, 
	requested_at INTEGER NOT NULL, 
	weight INTEGER NOT NULL CONSTRAINT ck_work_items_weight CHECK (weight > 0), 
	round INTEGER DEFAULT 1 NOT NULL, 
	next_round_at INTEGER, 
	created_at INTEGER NOT NULL, 
	ended_at INTEGER, 
	CONSTRAINT pk_work_items PRIMARY KEY (id), 
	CONSTRAINT fk_work_items_case_id FOREIGN KEY(case_id) REFERENCES cases (id), 
	CONSTRAINT fk_work_items_channel_id FOREIGN KEY(channel_id) REFERENCES channels (id), 
	CONSTRAINT fk_work_items_queue_id FOREIGN KEY(queue_id) REFERENCES queues (id)
)
 STRICT

;
INSERT INTO "work_items" VALUES(1,'case',1,1,1,2,'accepted',5,0,9000000000000000,1800000000000007,1000,1,NULL,1800000000000007,NULL);
INSERT INTO "work_items" VALUES(2,'case',2,2,1,2,'offered',5,0,9000000000000000,1800000000000013,1000,1,NULL,1800000000000013,NULL);
INSERT INTO "work_items" VALUES(3,'case',3,3,1,2,'offered',5,0,9000000000000000,1800000020000051,1000,1,NULL,1800000020000051,NULL);
INSERT INTO "work_items" VALUES(4,'case',4,4,1,2,'cancelled',5,0,9000000000000000,1800000020000057,1000,1,NULL,1800000020000057,1800000020000085);
INSERT INTO "work_items" VALUES(5,'case',5,5,1,2,'cancelled',5,0,9000000000000000,1800000020000063,1000,1,NULL,1800000020000063,1800000020000091);
INSERT INTO "work_items" VALUES(6,'case',6,6,1,2,'cancelled',5,0,9000000000000000,1800000020000069,1000,1,NULL,1800000020000069,1800000020000097);
INSERT INTO "work_items" VALUES(7,'case',7,7,1,2,'cancelled',5,0,9000000000000000,1800000020000075,1000,1,NULL,1800000020000075,1800000020000103);
INSERT INTO "work_items" VALUES(8,'case',8,8,1,2,'offered',5,0,9000000000000000,1800000020000081,1000,1,NULL,1800000020000081,NULL);
INSERT INTO "work_items" VALUES(9,'case',4,4,1,1,'waiting',5,0,9000000000000000,1800000020000057,1000,1,NULL,1800000020000085,NULL);
CREATE INDEX ix_accounts_domain ON accounts (domain) WHERE domain is not null;
CREATE UNIQUE INDEX uq_channels_name ON channels (name);
CREATE UNIQUE INDEX uq_presence_statuses_name ON presence_statuses (name);
CREATE UNIQUE INDEX uq_routing_configurations_name ON routing_configurations (name);
CREATE UNIQUE INDEX uq_mailboxes_name ON mailboxes (name);
CREATE INDEX ix_journal_work_id ON journal (work_id, id) WHERE work_id is not null;
CREATE INDEX ix_journal_unsettled ON journal (id) WHERE settled = 0;
CREATE INDEX ix_journal_agent_id ON journal (agent_id, id) WHERE agent_id is not null;
CREATE INDEX ix_journal_queue_id ON journal (queue_id, id) WHERE queue_id is not null;
CREATE INDEX ix_journal_case_id ON journal (case_id, id) WHERE case_id is not null;
CREATE UNIQUE INDEX uq_timers_kind_subject ON timers (kind, subject_kind, subject_id);
CREATE INDEX ix_timers_due_at ON timers (due_at);
CREATE UNIQUE INDEX uq_engine_lease_id ON engine_lease (id);
CREATE INDEX ix_contacts_account_id ON contacts (account_id);
CREATE UNIQUE INDEX uq_presence_configurations_name ON presence_configurations (name);
CREATE UNIQUE INDEX uq_queues_name ON queues (name);
CREATE UNIQUE INDEX uq_contact_points_kind_folded ON contact_points (kind, folded);
CREATE INDEX ix_contact_points_contact_id ON contact_points (contact_id);
CREATE UNIQUE INDEX uq_agents_name ON agents (name);
CREATE UNIQUE INDEX uq_routing_addresses_address ON routing_addresses (address);
CREATE INDEX ix_cases_contact_id ON cases (contact_id);
CREATE INDEX ix_cases_status_updated_at ON cases (status, updated_at);
CREATE INDEX ix_cases_updated_at ON cases (updated_at);
CREATE INDEX ix_cases_queue_id_status ON cases (queue_id, status);
CREATE INDEX ix_cases_owner_id_status ON cases (owner_id, status);
CREATE INDEX ix_queue_members_agent_id ON queue_members (agent_id);
CREATE UNIQUE INDEX uq_presence_intervals_current ON presence_intervals (agent_id) WHERE ended_at is null;
CREATE INDEX ix_presence_intervals_agent_id_began_at ON presence_intervals (agent_id, began_at);
CREATE INDEX ix_console_sessions_agent_id ON console_sessions (agent_id);
CREATE INDEX ix_case_participants_contact_id ON case_participants (contact_id);
CREATE INDEX ix_case_followers_agent_id ON case_followers (agent_id);
CREATE INDEX ix_messages_case_id_id ON messages (case_id, id);
CREATE INDEX ix_messages_mail_id ON messages (mail_id) WHERE mail_id is not null;
CREATE INDEX ix_work_items_line ON work_items (priority, secondary, accept_by, requested_at, id) WHERE state = 'waiting';
CREATE INDEX ix_work_items_queue_line ON work_items (queue_id, requested_at) WHERE state = 'waiting';
CREATE UNIQUE INDEX uq_work_items_active ON work_items (kind, subject_id) WHERE state in ('waiting', 'offered', 'accepted', 'wrapping');
CREATE INDEX ix_work_items_case_id ON work_items (case_id);
CREATE UNIQUE INDEX uq_attachments_message_id_position ON attachments (message_id, position);
CREATE INDEX ix_mail_receipts_quarantined ON mail_receipts (id) WHERE state = 'quarantined';
CREATE UNIQUE INDEX uq_mail_receipts_position ON mail_receipts (mailbox_id, uidvalidity, uid) WHERE uid is not null;
CREATE INDEX ix_mail_receipts_digest ON mail_receipts (digest);
CREATE UNIQUE INDEX uq_mail_receipts_identity ON mail_receipts (mail_id, digest) WHERE state = 'taken';
CREATE INDEX ix_outbox_message_id ON outbox (message_id);
CREATE INDEX ix_outbox_due ON outbox (due_at) WHERE state in ('queued', 'sending');
CREATE UNIQUE INDEX uq_outbox_delivery_key ON outbox (delivery_key);
CREATE INDEX ix_assignments_work_id ON assignments (work_id);
CREATE INDEX ix_assignments_agent_active ON assignments (agent_id) WHERE state in ('offered', 'accepted', 'wrapping');
CREATE UNIQUE INDEX uq_assignments_active ON assignments (work_id) WHERE state in ('offered', 'accepted', 'wrapping');
COMMIT;
