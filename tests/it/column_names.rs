//! `--column-names zh`: the added columns in Chinese, with their prose; the words of scripts stay.

use crate::support::counting_server::CountingServer;
use crate::support::program::{APPENDED, Applicant, Scene, Table};
use crate::support::wire::Reply;

const CHINESE: [&str; 15] = [
    "核验结论",
    "身份核验",
    "人像核验",
    "手机号核验",
    "结果码",
    "结果说明",
    "人像比对分",
    "运营商",
    "聚合订单号",
    "错误码",
    "原因说明",
    "是否计费",
    "调用次数",
    "核验时间",
    "核验详情",
];

fn scene() -> (CountingServer, Scene) {
    let server = CountingServer::start(|_| Reply::verdict(101));
    let mut people = Applicant::many(4);
    let wrong = if people[1].idcard.ends_with('1') { "2" } else { "1" };
    people[1].idcard.replace_range(17.., wrong);
    people[2].mobile.insert(3, '-');
    "missing.jpg".clone_into(&mut people[3].photo);
    (server, Scene::new(&people))
}

#[test]
fn names_and_prose_are_chinese_and_words_of_scripts_stay() {
    let (server, scene) = scene();
    let english = scene.run(&server.endpoint());
    english.env("LANG", "zh_CN.UTF-8").finish().expect_code(1);
    let english = scene.output();
    assert_eq!(english.header[5..], APPENDED, "the output does not follow the machine's language");
    scene.render("applicants.csv").args(["--column-names", "zh"]).finish().expect_code(1);
    let chinese = scene.output();
    assert_eq!(chinese.header[5..], CHINESE);
    for (own, name) in APPENDED.iter().zip(CHINESE) {
        if !["reason", "detail"].contains(own) {
            assert_eq!(english.column(own), chinese.column(name));
        }
    }
    assert_eq!(chinese.column("核验结论"), ["mismatch", "rejected", "mismatch", "rejected"]);
    for row in [1, 3] {
        let (before, after) = (english.column("reason")[row], chinese.column("原因说明")[row]);
        assert!(before.is_ascii() && !after.is_ascii(), "{before}; {after}");
    }
    let detail = chinese.column("核验详情");
    assert!(detail[1].contains("id-check-digit") && detail[2].contains("已修正"), "{detail:?}");
    // The same, asked for in other ways, and in a workbook.
    let bytes = scene.output_bytes();
    scene.render("applicants.csv").env("REVERIFY_COLUMN_NAMES", "zh").finish().expect_code(1);
    assert_eq!(scene.output_bytes(), bytes);
    scene.write("reverify.toml", "column-names = \"zh\"\n");
    scene.render("applicants.csv").finish().expect_code(1);
    assert_eq!(scene.output_bytes(), bytes);
}

#[test]
fn a_column_of_the_input_with_such_a_name_is_refused_and_a_prefix_helps() {
    let (server, scene) = scene();
    let text = std::fs::read_to_string(scene.path("applicants.csv")).unwrap();
    scene.write("applicants.csv", text.replacen("serial,", "运营商,", 1));
    let run = || scene.run(&server.endpoint()).args(["--column-names", "zh"]);
    let refused = run().finish().expect_code(65);
    assert!(refused.stderr.contains("\"运营商\"") && refused.stderr.contains("--prefix"), "{refused:?}");
    assert_eq!(server.calls(), 0);
    run().args(["--prefix", "新_"]).finish().expect_code(1);
    let table = scene.output();
    assert_eq!(table.header[5..], CHINESE.map(|name| format!("新_{name}")));
    // In English, that name is nobody's.
    scene.run(&server.endpoint()).finish().expect_code(1);
    assert_eq!(Table::read(&scene.path("applicants.verified.csv")).header[5..], APPENDED);
}
