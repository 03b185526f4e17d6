//! Everything a key can mean. Keys are bound in `assets/keymap.toml`; help, hints and the key list are made from both.

macro_rules! actions {
    ($($name:ident $id:literal $text:literal),+ $(,)?) => {
        /// What a key, or a chosen line of the help, does.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Action { $($name),+ }

        /// Every action with its id, as the keymap names it, and its text for people.
        pub const ACTIONS: &[(Action, &str, &str)] = &[$((Action::$name, $id, $text)),+];
    };
}

actions! {
    HelpToggle "help.toggle" "help for this screen",
    PaletteOpen "palette.open" "palette: run or open anything by name",
    FindOpen "find.open" "find without hiding (same language as the filter)",
    FindNext "find.next" "next match",
    FindPrev "find.prev" "previous match",
    FilterEdit "filter.edit" "edit the filter",
    FilterToggle "filter.toggle" "switch the filter off and on, text kept",
    FilterInclude "filter.include" "narrow to the value under the cursor",
    FilterExclude "filter.exclude" "hide the value under the cursor",
    FilterUndo "filter.undo" "undo the last filter change",
    FilterRedo "filter.redo" "redo it",
    PivotOpen "pivot.open" "pivot: same account, host, source, time ...",
    NavBack "nav.back" "back; on the first screen asks, then quits",
    NavForward "nav.forward" "forward again",
    NavOpen "nav.open" "open what is under the cursor",
    NavPeek "nav.peek" "show or hide the details pane",
    ViewTimeline "view.timeline" "Timeline",
    ViewAnomalies "view.anomalies" "Anomalies",
    ViewAccounts "view.accounts" "Accounts",
    ViewHosts "view.hosts" "Hosts",
    ViewSources "view.sources" "Sources",
    ViewPaths "view.paths" "Paths",
    ViewEvents "view.events" "Events",
    ViewInputs "view.inputs" "Inputs",
    PaneNext "pane.next" "next pane",
    PanePrev "pane.prev" "previous pane",
    CursorUp "cursor.up" "up",
    CursorDown "cursor.down" "down",
    CursorLeft "cursor.left" "left / earlier",
    CursorRight "cursor.right" "right / later",
    CursorPageUp "cursor.page_up" "page up",
    CursorPageDown "cursor.page_down" "page down",
    CursorHalfUp "cursor.half_up" "half a page up",
    CursorHalfDown "cursor.half_down" "half a page down",
    CursorFirst "cursor.first" "first",
    CursorLast "cursor.last" "last; in a live view also follow",
    GoAccount "go.account" "account page of the selection",
    GoHost "go.host" "host page",
    GoSource "go.source" "source page",
    GoSession "go.session" "session page (logon id)",
    GoRaw "go.raw" "raw event",
    GoPath "go.path" "path view from the selection",
    GoTime "go.time" "go to a time (09:30, -2h, yesterday 18:00)",
    GoDetection "go.detection" "what the detection looks for, needs and is set to",
    AnomalyNext "anomaly.next" "next anomaly",
    AnomalyPrev "anomaly.prev" "previous anomaly",
    ClockFreeze "clock.freeze" "freeze / follow; in a replay play / pause",
    ReplayStart "replay.start" "replay from the cursor",
    ReplayLeave "replay.leave" "leave the replay; the view from before comes back",
    ReplaySlower "replay.slower" "slower",
    ReplayFaster "replay.faster" "faster",
    ReplayStep "replay.step" "step one event on",
    ReplayStepBack "replay.step_back" "step one event back",
    MarkToggle "mark.toggle" "bookmark on / off",
    MarkNext "mark.next" "next bookmark",
    MarkPrev "mark.prev" "previous bookmark",
    NoteEdit "note.edit" "add or edit a note",
    CaseOpen "case.open" "case: all bookmarks, notes and decisions",
    CaseDelete "case.delete" "delete what is under the cursor; U takes it back",
    CopyCell "copy.cell" "copy the cell or the selection",
    CopyAccount "copy.account" "copy the account",
    CopyHost "copy.host" "copy the host",
    CopySource "copy.source" "copy the source",
    CopySession "copy.session" "copy the session id",
    CopyRaw "copy.raw" "copy the raw event",
    CopyFilter "copy.filter" "copy the filter",
    CopyLink "copy.link" "copy a link: filter, window, selection",
    ExportCsv "export.csv" "write CSV",
    ExportJsonl "export.jsonl" "write JSON lines",
    ExportMarkdown "export.markdown" "write a Markdown report",
    ExportHtml "export.html" "write an HTML report",
    ExportScreen "export.screen" "write the screen as text",
    ExportCase "export.case" "write the case bundle",
    ToggleUtc "toggle.utc" "times: UTC, local, of the site, of the host",
    ToggleAscii "toggle.ascii" "glyphs: ASCII, Unicode, fine",
    ToggleTheme "toggle.theme" "next theme",
    ToggleMachine "toggle.machine" "machine accounts shown / hidden",
    ToggleService "toggle.service" "built-in services (SYSTEM, DWM-n) on / off",
    ToggleRelative "toggle.relative" "times: absolute / since the cursor",
    TogglePrivacy "toggle.privacy" "privacy mask for screen sharing",
    ToggleMouse "toggle.mouse" "mouse on / off",
    TogglePerf "toggle.perf" "timing overlay",
    ToggleWrap "toggle.wrap" "wrap long lines",
    ToggleLanes "toggle.lanes" "empty lanes shown / hidden",
    InputsRescan "inputs.rescan" "look at the inputs again",
    ScreenRedraw "screen.redraw" "redraw",
    AppSuspend "app.suspend" "suspend (Unix)",
    AppQuit "app.quit" "quit; the terminal is always restored",
    PopupDismiss "popup.dismiss" "close or clear; never quits",
    ZoomIn "time.zoom_in" "zoom in at the cursor",
    ZoomOut "time.zoom_out" "zoom out",
    FitAll "time.fit_all" "whole data set",
    FitSession "time.fit_session" "fit the session under the cursor",
    WindowDay "time.day" "one day",
    WindowHour "time.hour" "one hour",
    WindowQuarter "time.quarter" "fifteen minutes",
    WindowCentre "time.centre" "centre on the cursor",
    PanLeft "time.pan_left" "half a window earlier",
    PanRight "time.pan_right" "half a window later",
    DayPrev "time.day_prev" "one day earlier",
    DayNext "time.day_next" "one day later",
    WindowStart "time.window_start" "start of the window",
    WindowEnd "time.window_end" "end of the window",
    LaneNext "lane.next" "next lane",
    LanePrev "lane.prev" "previous lane",
    LaneEventNext "lane.event_next" "next session start in the lane",
    LaneEventPrev "lane.event_prev" "previous session start in the lane",
    LaneFold "lane.fold" "fold / unfold the lane",
    LaneGroup "lane.group" "lanes by logon type, host, account or source",
    TimeSelect "time.select" "select a time range; Enter filters to it",
    WindowRange "time.range" "zoom to the selected range",
    ReplayLoop "replay.loop" "replay: loop the selected range; without one, end the loop",
    LaneSolo "lane.solo" "only this lane",
    TriageAck "triage.ack" "acknowledge: somebody looks at it",
    TriageDismiss "triage.dismiss" "dismiss as benign, with a reason",
    TriageConfirm "triage.confirm" "confirm as part of an incident",
    TriageSuppress "triage.suppress" "suppress this pattern: scope and expiry are asked",
    TriageReopen "triage.reopen" "open again; lifts a suppression",
    TriageUndo "triage.undo" "take the last decision, note or bookmark back",
    TableSort "table.sort" "sort by the column under the cursor (again: reverse)",
    TableReverse "table.reverse" "reverse the order",
    TableColumns "table.columns" "choose columns",
    TableWiden "table.widen" "wider column",
    TableNarrow "table.narrow" "narrower column",
    TableSelect "table.select" "select rows",
    TableGroup "table.group" "group equal rows",
    ColumnsToggle "columns.toggle" "show or hide the column",
    ColumnsDown "columns.down" "move the column to the right",
    ColumnsUp "columns.up" "move the column to the left",
    ColumnsReset "columns.reset" "columns as they were at first",
    PageForm "page.form" "of a record the next form: XML, JSON, as stored, bytes",
    PageBaseline "page.baseline" "of an account what is usual: hours, hosts, sources",
    PageEventNext "page.event_next" "next event of the session",
    PageEventPrev "page.event_prev" "previous event of the session",
    PageLogons "page.logons" "the logons the session is made of",
    PathDeeper "path.deeper" "one hop deeper",
    PathShallower "path.shallower" "one hop less",
    PathDirection "path.direction" "forward / backward in time",
    PathNext "path.next" "next path",
    PathPrev "path.prev" "previous path",
    PopupAccept "popup.accept" "choose, or yes",
    PopupRefuse "popup.refuse" "no",
    TextAccept "text.accept" "accept",
    TextCancel "text.cancel" "leave; the value from before comes back",
    TextComplete "text.complete" "take the completion",
    TextChoiceNext "text.choice_next" "next completion, or the newer entry of the history",
    TextChoicePrev "text.choice_prev" "previous completion, or the older entry of the history",
    TextHistorySearch "text.history_search" "search the history",
    TextPageNext "text.page_next" "a page of choices on",
    TextPagePrev "text.page_prev" "a page of choices back",
    TextLeft "text.left" "left",
    TextRight "text.right" "right",
    TextWordLeft "text.word_left" "word left",
    TextWordRight "text.word_right" "word right",
    TextHome "text.home" "start of the line",
    TextEnd "text.end" "end of the line",
    TextDeleteBack "text.delete_back" "delete the character before",
    TextDelete "text.delete" "delete the character under the cursor",
    TextDeleteWord "text.delete_word" "delete the word before",
    TextKillStart "text.kill_start" "delete to the start",
    TextKillEnd "text.kill_end" "delete to the end",
    TextHelp "text.help" "what can be written here",
}

/// Where a key is looked up; a context inherits the ones behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Context {
    Global,
    Timeline,
    Table,
    /// The anomaly queue.
    Queue,
    /// Pages of sessions and of records.
    Page,
    /// Pages of accounts, hosts and sources.
    Entity,
    /// The list of bookmarks, notes and decisions.
    Case,
    /// The path view.
    Path,
    /// Help, menus, yes or no.
    Popup,
    /// The list of columns to choose from.
    Columns,
    /// Text fields: letters are text there.
    Prompt,
}

impl Action {
    /// Id and text for people.
    fn entry(self) -> Option<&'static (Self, &'static str, &'static str)> {
        ACTIONS.get(self as usize)
    }
    /// The name in `assets/keymap.toml`.
    #[must_use]
    pub fn id(self) -> &'static str {
        self.entry().map_or("", |(_, id, _)| id)
    }
    /// What it does, in a few words.
    #[must_use]
    pub fn text(self) -> &'static str {
        self.entry().map_or("", |(_, _, text)| text)
    }
    #[must_use]
    pub fn find(id: &str) -> Option<Self> {
        ACTIONS.iter().find(|(_, other, _)| *other == id).map(|(action, ..)| *action)
    }
}

impl Context {
    pub const ALL: [Self; 11] = [
        Self::Global,
        Self::Timeline,
        Self::Table,
        Self::Queue,
        Self::Case,
        Self::Page,
        Self::Entity,
        Self::Path,
        Self::Popup,
        Self::Columns,
        Self::Prompt,
    ];

    /// The section of `assets/keymap.toml`, and the title in the help.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Timeline => "timeline",
            Self::Table => "table",
            Self::Queue => "queue",
            Self::Case => "case",
            Self::Page => "page",
            Self::Entity => "entity",
            Self::Path => "path",
            Self::Popup => "popup",
            Self::Columns => "columns",
            Self::Prompt => "prompt",
        }
    }
    /// The layers, first wins.
    #[must_use]
    pub const fn layers(self) -> &'static [Self] {
        match self {
            Self::Global => &[Self::Global],
            Self::Timeline => &[Self::Timeline, Self::Global],
            Self::Table => &[Self::Table, Self::Global],
            Self::Queue => &[Self::Queue, Self::Table, Self::Global],
            Self::Case => &[Self::Case, Self::Table, Self::Global],
            Self::Page => &[Self::Page, Self::Table, Self::Global],
            Self::Entity => &[Self::Entity, Self::Table, Self::Global],
            Self::Path => &[Self::Path, Self::Global],
            Self::Popup => &[Self::Popup],
            Self::Columns => &[Self::Columns],
            Self::Prompt => &[Self::Prompt],
        }
    }
}
