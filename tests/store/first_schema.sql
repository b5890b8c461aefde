BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE picture (
	session VARCHAR(32) NOT NULL, 
	number INTEGER NOT NULL, 
	turn VARCHAR(32) NOT NULL, 
	position INTEGER NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	parent VARCHAR(64), 
	width INTEGER NOT NULL, 
	height INTEGER NOT NULL, 
	request JSON NOT NULL, 
	CONSTRAINT pk_picture PRIMARY KEY (session, number), 
	CONSTRAINT uq_picture_turn_position UNIQUE (turn, position), 
	CONSTRAINT ck_picture_number_positive CHECK (number > 0), 
	CONSTRAINT fk_picture_session_turn FOREIGN KEY(session, turn) REFERENCES turn (session, id) DEFERRABLE INITIALLY DEFERRED
);
INSERT INTO "picture" VALUES('55555555555555555555555555555555',1,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1',0,'1159990ebfda6365e0a78f957adc3974b49730a767fa4e5626c1113d49d9bc40','draw',NULL,8,8,'{"caption": "a yellow hedgehog on a meadow", "negative": "rain", "seed": 7, "width": 8, "height": 8, "steps": 12, "guidance": 3.0, "model": "storybook", "revision": "0123456789abcdef", "parent": null, "strength": null, "mask": null}');
INSERT INTO "picture" VALUES('55555555555555555555555555555555',2,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa2',0,'23915341adf4c0f369ada454c41868844ce5e7519eaea6d9053120501ef79e2b','edit','1159990ebfda6365e0a78f957adc3974b49730a767fa4e5626c1113d49d9bc40',8,8,'{"caption": "a yellow hedgehog on a meadow", "negative": "rain", "seed": 7, "width": 8, "height": 8, "steps": 12, "guidance": 3.0, "model": "storybook", "revision": "0123456789abcdef", "parent": null, "strength": null, "mask": null}');
CREATE TABLE session (
	id VARCHAR(32) NOT NULL, 
	title TEXT NOT NULL, 
	created DATETIME NOT NULL, 
	head VARCHAR(32), 
	CONSTRAINT pk_session PRIMARY KEY (id), 
	CONSTRAINT fk_session_id_head FOREIGN KEY(id, head) REFERENCES turn (session, id) DEFERRABLE INITIALLY DEFERRED
);
INSERT INTO "session" VALUES('55555555555555555555555555555555','고슴도치 Larry','2026-03-01 12:00:00.000000','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa2');
CREATE TABLE turn (
	id VARCHAR(32) NOT NULL, 
	session VARCHAR(32) NOT NULL, 
	parent VARCHAR(32), 
	number INTEGER NOT NULL, 
	time DATETIME NOT NULL, 
	text TEXT NOT NULL, 
	request TEXT NOT NULL, 
	outcome VARCHAR(16) NOT NULL, 
	scene JSON NOT NULL, 
	"plan" JSON, 
	caption JSON, 
	verdicts JSON NOT NULL, 
	reply TEXT NOT NULL, 
	error TEXT NOT NULL, 
	timings JSON NOT NULL, 
	CONSTRAINT pk_turn PRIMARY KEY (id), 
	CONSTRAINT uq_turn_session_id UNIQUE (session, id), 
	CONSTRAINT uq_turn_session_number UNIQUE (session, number), 
	CONSTRAINT ck_turn_number_positive CHECK (number > 0), 
	CONSTRAINT fk_turn_session FOREIGN KEY(session) REFERENCES session (id) DEFERRABLE INITIALLY DEFERRED, 
	CONSTRAINT fk_turn_session_parent FOREIGN KEY(session, parent) REFERENCES turn (session, id) DEFERRABLE INITIALLY DEFERRED
);
INSERT INTO "turn" VALUES('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1','55555555555555555555555555555555',NULL,1,'2026-03-01 12:01:00.000000','Draw a yellow hedgehog','Draw a yellow hedgehog','drawn','{"cast": [{"id": "c1", "kind": "hedgehog", "name": null, "aliases": [], "traits": [{"name": "colour", "value": "yellow", "turn": 1}], "history": []}], "stage": ["c1"], "setting": null, "time": null, "weather": null, "style": null, "framing": null, "lettering": null, "absent": []}','{"action": "draw", "target": null, "edits": [{"op": "add_character", "kind": "hedgehog", "name": null, "traits": {"colour": "yellow"}}], "reply": "Here he is!", "question": ""}','{"text": "a yellow hedgehog", "negative": "", "draft": "a hedgehog", "added": ["yellow"], "dropped": [], "unknown": []}','[{"action": "allow", "category": "", "layer": "request", "rule": "", "evidence": null, "message": "", "replacement": null}]','Here he is!','','{"plan": 0.5}');
INSERT INTO "turn" VALUES('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa2','55555555555555555555555555555555','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1',2,'2026-03-01 12:02:00.000000','파란 목도리를 줘','파란 목도리를 줘','drawn','{"cast": [{"id": "c1", "kind": "hedgehog", "name": null, "aliases": [], "traits": [{"name": "colour", "value": "yellow", "turn": 1}, {"name": "neckwear", "value": "blue scarf", "turn": 2}], "history": []}], "stage": ["c1"], "setting": null, "time": null, "weather": null, "style": null, "framing": null, "lettering": null, "absent": []}','{"action": "edit", "target": null, "edits": [{"op": "set_trait", "who": "hedgehog", "trait": "neckwear", "value": "blue scarf"}], "reply": "자!", "question": ""}','{"text": "a yellow hedgehog with a blue scarf", "negative": "", "draft": "x", "added": [], "dropped": [], "unknown": []}','[]','자!','','{}');
CREATE INDEX ix_session_created ON session (created);
CREATE INDEX ix_turn_session_parent ON turn (session, parent);
CREATE INDEX ix_picture_hash ON picture (hash);
COMMIT;
