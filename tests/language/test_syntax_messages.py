"""An official's slips, typed as an input method types them: each gives one diagnostic on its line, with its remedy.

Chunks are rule text, divided by ``---``. A comment ``#! CODE words`` states what is expected on its line: the code,
and words of the message or the remedy. Whatever is not stated must not be reported.
"""

from __future__ import annotations

import re

import pytest

from policyrules.codes import CODES
from policyrules.diagnostics import render
from policyrules.language.keywords import DECLARATIONS
from policyrules.language.parser import parse_source
from policyrules.source import Source
from policyrules.testing.build import try_policy_from_text

SLIPS = """
规则 关键词和名称连写
  当市场效益 为 好  #! E120 写成“当 市场效益”
  则 分类 为 巩固
---
规则 且和名称连写
  当 市场效益 为 好 且链条 为 较完备  #! E120 写成“且 链条”
  则 分类 为 巩固
---
规则 则和名称连写
  当 市场效益 为 好
  则分类 为 巩固  #! E120 写成“则 分类”
---
规则 名称和为连写
  当 市场效益为 好  #! E120 写成“市场效益 为 好”
  则 分类 为 巩固
---
规则 为和值连写
  当 市场效益 为好  #! E120 写成“为 好”
  则 分类 为 巩固
---
规则 单位和且连写
  当 实际到位 ≥ ５０万元且 发展有基础  #! E120 写成“万元 且 发展有基础”
  则 分类 为 巩固
---
规则 上一条没有问题
  则 分类 为 升级
规则声明和名称连写  #! E120 写成“规则 声明和名称连写”
  当 市场效益 为 好
  则 分类 为 巩固
---
规则声明和名称连写  #! E120 写成“规则 声明和名称连写”
  则 分类 为 巩固
---
清单 等和名称连写
  即 ｛ 衔接资金、专项扶贫资金等 ｝  #! E120 专项扶贫资金、等
---
规则 是
  当 市场效益 是 好  #! E124 如“市场效益 为 好”
  则 分类 为 巩固
---
规则 等于
  当 带动户数 等于 １０ 户  #! E124 写“为”或“=”，如“带动户数 为 10 户”
  则 分类 为 巩固
---
规则 不等于
  当 市场效益 不等于 好  #! E124 写“不为”或“≠”
  则 分类 为 巩固
---
规则 大于
  当 实际到位 大于 ５０ 万元  #! E124 如“实际到位 > 50 万元”
  则 分类 为 巩固
---
规则 不少于
  当 带动户数 不少于 １０ 户  #! E124 如“带动户数 ≥ 10 户”
  则 分类 为 巩固
---
规则 不超过
  当 带动户数 不超过 １０ 户  #! E124 写“≤”
  则 分类 为 巩固
---
规则 户以上
  当 带动户数 ≥ １０户以上  #! E116 写成“≥ 10 户”
  则 分类 为 巩固
---
规则 以上分开写
  当 带动户数 为 10 户 以上  #! E116 写成“≥ 10 户”
  则 分类 为 巩固
---
规则 缺比较号
  当 带动户数 １０ 户以上  #! E130 如“带动户数 ≥ 10 户”
  则 分类 为 巩固
---
规则 之间
  当 实际到位 在 10 万元 至 50 万元 之间  #! E124 介于 10 万元 至 50 万元
  则 分类 为 巩固
---
规则 连着比较
  当 1 万元 < 实际到位 < 50 万元  #! E131 用“且”连起来
  则 分类 为 巩固
---
规则 如果
  如果 市场效益 为 好  #! E124 写“当”
  则 分类 为 巩固
---
规则 如果连写
  如果市场效益 为 好  #! E124 写成“当 市场效益”
  则 分类 为 巩固
---
规则 那么
  当 市场效益 为 好
  那么 分类 为 巩固  #! E124 写“则”
---
规则 并且
  当 资源有支撑 并且 发展有基础  #! E124 如“资源有支撑 且 发展有基础”
  则 分类 为 巩固
---
规则 用了或者
  当 资源有支撑 或者 发展有基础  #! E124 写“或”
  则 分类 为 巩固
---
规则 和
  当 资源有支撑 和 发展有基础  #! E124 写“且”
  则 分类 为 巩固
---
规则 包含
  当 困难成因 包含 资金周转困难  #! E124 写“含”
  则 分类 为 盘活
---
规则 没有填
  当 停产日 没有填  #! E124 写“未填”，如“停产日 未填”
  则 分类 为 盘活
---
义务 必须
  当 分类 为 调整
  必须 评估论证已完成  #! E124 写“应当”
---
禁令 严禁
  当 分类 为 调整
  严禁 拟处置  #! E124 写“不得”
---
修订 还需
  还需 可好转  #! E124 写“还须”
---
规则 错字
  当 市场效益 为 好
  除处 停产  #! E124 是不是“除外”
  则 分类 为 巩固
---
规则 逗号
  当 市场效益 为 好，链条 为 较完备  #! E122 都要满足写“且”，满足一个就行写“或”
  则 分类 为 巩固
---
规则 句末逗号
  当 市场效益 为 好，  #! E122 句末不写逗号
  则 分类 为 巩固
---
规则 组内逗号
  当 任一满足（市场效益 为 好，链条 为 较完备）  #! E122 各项之间用“；”
  则 分类 为 巩固
---
规则 列举用逗号
  当 分类 属于 ｛ 盘活，调整 ｝  #! E122 列举用顿号
  则 分类 为 巩固
---
规则 含后用逗号
  当 困难成因 含 资金周转困难，技术支撑不足  #! E122 列举几个值用顿号
  则 分类 为 盘活
---
规则 顿号
  当 资源有支撑、发展有基础  #! E123 都要满足写“且”，满足一个就行写“或”
  则 分类 为 升级
---
规则 为几个值
  当 市场效益 为 好、一般  #! E123 市场效益 属于 { 好、一般 }
  则 分类 为 升级
---
规则 结论几个值
  则 帮扶措施 为 租金减免、金融信贷  #! E123 帮扶措施 含 租金减免、金融信贷
---
规则 分号
  当 资源有支撑；  #! E137 分号只在
  则 分类 为 升级
---
规则 括号里的分号
  当 （资源有支撑；发展有基础）  #! E130 同时满足（甲；乙）
  则 分类 为 升级
---
规则 句号
  当 资源有支撑。  #! E137 句末不写句号
  则 分类 为 升级
---
规则 冒号
  当：资源有支撑  #! E137 删去冒号
  则 分类 为 升级
---
规则 方括号
  当 ［资源有支撑］  #! E137 写成“资源有支撑”
  则 分类 为 升级
---
规则 且或混用
  当 资源有支撑 且 发展有基础 或 市场效益 为 好  #! E121 读法二：资源有支撑 且 （发展有基础 或 市场效益 为 好）
  则 分类 为 升级
---
规则 且或混用另一种读法
  当 甲 或 乙 且 丙 或 丁 且 戊  #! E121 读法一：甲 或 （乙 且 丙） 或 （丁 且 戊）
  则 分类 为 升级
---
规则 括号没有收尾
  当 任一满足（资源有支撑；发展有基础  #! E110 没有收尾的“）”
  则 分类 为 升级
---
规则 多出括号
  当 （资源有支撑 且 发展有基础））  #! E110 多出一个“）”
  则 分类 为 升级
---
规则 括号不配对
  当 （资源有支撑 且 发展有基础｝  #! E110 写成“）”
  则 分类 为 升级
---
规则 引号没有收尾
  依据【二（二）·界定】“对资源有支撑  #! E106 写成：“对资源有支撑”
  则 分类 为 升级
---
规则 英文引号没有收尾
  依据【二（二）·界定】"对资源有支撑  #! E106 写成：“对资源有支撑”
  则 分类 为 升级
---
规则 多出后引号
  依据【二（二）·界定】对资源有支撑”  #! E106 补上前引号
  则 分类 为 升级
---
规则 条目没有收尾
  依据【二（二）·界定 “对资源有支撑”  #! E107 写成“依据【二（二）·界定】”
  则 分类 为 升级
---
规则 条目不在括号里
  依据 二（二）“对资源有支撑”  #! E132 条目写在【】里
  则 分类 为 升级
---
规则 引文不在引号里
  依据【二（二）·界定】对资源有支撑  #! E132 原文放在“”里
  则 分类 为 升级
---
规则 缺依据
  “对资源有支撑”  #! E132 写成“依据【…】
  则 分类 为 升级
---
规则 缺当
  资源有支撑  #! E124 写成“当 资源有支撑”
  则 分类 为 升级
---
规则 没有写则  #! E127 写上结论
  当 资源有支撑
---
规则 缺条件
  当 资源有支撑 且  #! E138 “且”后面缺条件
  则 分类 为 升级
---
规则 缺值
  当 资源有支撑
  则 分类 为  #! E138 “为”后面缺值
---
规则 缺值就写且
  当 市场效益 为 且 发展有基础  #! E138 “为”后面缺值，接着就写了“且”
  则 分类 为 升级
---
规则 缺条件又写或
  当 资源有支撑 且 或 发展有基础  #! E138 “且”后面缺条件，接着就写了“或”
  则 分类 为 升级
---
规则 缺连接的词
  当 资源有支撑 发展有基础  #! E130 资源有支撑 且 发展有基础
  则 分类 为 升级
---
规则 写了两次
  当 资源有支撑
  当 发展有基础  #! E128 写“当 资源有支撑 且 发展有基础”
  则 分类 为 升级
---
规则 语气写错地方
  应当 资源有支撑  #! E129 则 应当 …
  则 分类 为 升级
---
规则 到期写错地方
  当 资源有支撑
  到期 发展有基础  #! E129 写在“义务”或“禁令”里
  则 分类 为 升级
---
义务 到期写了两次
  应当 资源有支撑
  到期 发展有基础
  到期 户数 ≥ 10 户  #! E128 用“且”或“或”连起来
---
义务 写成逾期
  应当 资源有支撑
  逾期 发展有基础  #! E124 写“到期”
---
义务 写成规则
  当 分类 为 调整
  则 评估论证已完成 为 是  #! E129 不能写在“义务”里
---
规则 三月
  当 停产日 起满 ３ 月  #! E114 写“3 个月”
  则 分类 为 盘活
---
规则 缺单位
  当 停产日 起满 12  #! E117 如“12 个月”
  则 分类 为 盘活
---
规则 月底
  当 停产日 ≤ ２０２５年１０月底  #! E112 2025年10月31日
  则 分类 为 盘活
---
规则 横线日期
  当 停产日 ≤ 2025-10-31  #! E112 写成“2025年10月31日”
  则 分类 为 盘活
---
规则 斜线日期
  当 停产日 ≤ ２０２５／１０／３１  #! E112 写成“2025年10月31日”
  则 分类 为 盘活
---
规则 没有年份
  当 停产日 ≤ 10月31日  #! E112 没有写年份
  则 分类 为 盘活
---
规则 没有这一天
  当 停产日 ≤ 2025年2月30日  #! E113 2025年2月最后一天是28日
  则 分类 为 盘活
---
参数 千分位（x）：金额（元） = 1，000 元  #! E115 写成“1000”
---
参数 缺等号（x）：整数（个） 5 个  #! E130 = 5 个
---
参数 缺值（x）：整数（个）  #! E127 缺省
---
参数 两种值（x）：整数（个） = 5 个 缺省 6 个  #! E128 只留一种
---
对象 项目（project）
  字段 市场效益（效益）：枚举 { 好、差 }  #! E109 用英文字母
  字段 带动户数（2nd）：整数（户）  #! E109 以英文字母开头
  字段 实际到位（actual-wan）：金额（万元）  #! E109 写法不对
  字段 缺冒号（a） 枚举 { 好、差 }  #! E133 类型前面缺“：”
  字段 缺花括号（b）：枚举 好、差  #! E133 取值没有放在花括号里
  字段 缺顿号（c）：枚举 { 好 差 }  #! E130 写成“好、差”
  字段 期限（d）：日期  #! E111 是规则语言的关键词
  字段 评估日（e）：日期  #! E111 另有所指
  字段 没有类型（f）  #! E127 缺“：类型”
  字段 没有错（g）：是否
---
字段 没有对象（a）：是否  #! E126 先写“对象
---
决定 分类（c）：从严 { 甲、乙 }  #! E133 由宽到严
---
决定 分类（c）：单选 { 甲、乙 } 授权 细则  #! E134 固定、细化、从严、自定
---
修订 同一行的或者
  还须 可好转 或者 拟处置  #! E136 把“或者”另起一行
---
清单 等不在最后
  即 { 甲、等、乙 }  #! E135 “等”写在最后
---
统计 占比缺符合  #! E127 缺“符合”
  占比 项目
  相同 所在县
---
政策 甲  #! E125 不是声明的开头
---
（政策）  #! E125 “（”不是声明的开头
---
// 政策  #! E137 注释不用“//”
---
/* 政策  #! E137 注释不用“/*”
---
规则 一行两个 则 分类 为 巩固 规则 乙 则 分类 为 盘活  #! E125 要写在行首
---
规则 形近字母
  当 X线 为 是 且 Х线 为 是  #! E105 西里尔字母
  则 分类 为 升级
---
规则 任一缺满足
  当 任一 资金 （年度 < 2020 年）  #! E130 后面缺“满足”
  则 分类 为 升级
---
规则 合计缺字段
  当 合计 资金 > 5 万元  #! E130 写成“合计 资金.字段名”
  则 分类 为 升级
---
规则 至少连写
  当 至少2项（甲；乙）  #! E120 写成“至少 2 项（…；…）”
  则 分类 为 升级
---
规则 非和任一满足连写
  当 非任一满足（甲；乙）  #! E120 写成“非 任一满足（…）”
  则 分类 为 升级
---
规则 至少几个
  当 至少 2 个（甲；乙）  #! E130 后面缺“项”
  则 分类 为 升级
"""

_CHUNKS = [chunk.strip("\n") + "\n" for chunk in SLIPS.split("\n---\n")]
_MARK = re.compile(r"#! (E\d{3}) (.*)")


@pytest.mark.parametrize("chunk", _CHUNKS, ids=lambda chunk: chunk.split()[1])
def test_slip(chunk: str) -> None:
    _, diagnostics = parse_source(Source("甲.rules", chunk))
    expected = []
    for number, line in enumerate(chunk.splitlines(), 1):
        if (mark := _MARK.search(line)) is not None:
            expected.append((number, mark.group(1), mark.group(2)))
    found = [(diagnostic.line, diagnostic.code) for diagnostic in diagnostics]
    assert found == [(line, code) for line, code, _ in expected], "\n".join(map(render, diagnostics))
    for diagnostic, (_, _, words) in zip(diagnostics, expected, strict=True):
        assert words in f"{diagnostic.message} {diagnostic.remedy}", render(diagnostic)


def test_slips_are_many_and_every_chunk_expects_something() -> None:
    assert len(_CHUNKS) >= 60
    assert all(_MARK.search(chunk) for chunk in _CHUNKS)


def test_no_terminal_names_in_messages() -> None:
    for chunk in _CHUNKS:
        _, diagnostics = parse_source(Source("甲.rules", chunk))
        for diagnostic in diagnostics:
            assert diagnostic.code in CODES
            words = f"{diagnostic.message} {diagnostic.remedy}".replace(chunk, "")
            assert not re.search(r"[A-Z]{3,}|\$|None|\uf8ff", words), words
            assert diagnostic.remedy, render(diagnostic)
            assert diagnostic.span is not None and 0 <= diagnostic.span.start < diagnostic.span.end <= len(chunk)


@pytest.mark.parametrize("keyword", DECLARATIONS)
def test_a_declaration_alone_is_one_error(keyword: str) -> None:
    for text in (
        keyword,
        f"{keyword}\n",
        f"{keyword} 甲",
        f"{keyword} 甲（",
        f"{keyword} 甲\n  当",
        f"{keyword} 甲\n  依据",
    ):
        _, diagnostics = parse_source(Source("甲.rules", text))
        if (keyword, text) != ("对象", "对象 甲"):
            assert len(diagnostics) == 1, (text, diagnostics)


def test_one_error_leaves_the_others_standing() -> None:
    text = "规则 甲\n  当 乙\n  则 丙 为 丁\n规则 戊\n  当 己 庚\n  则 丙 为 丁\n规则 辛\n  则 丙 为 丁\n"
    file, diagnostics = parse_source(Source("甲.rules", text))
    assert [declaration.name.text for declaration in file.declarations] == ["甲", "辛"]
    assert [name.text for name in file.broken[0].declares] == ["戊"]
    assert len(diagnostics) == 1


def test_names_of_fields_under_a_broken_object_are_broken_too() -> None:
    text = "对象 项目（project） 属 县\n  字段 甲（a）：是否\n  字段 乙（b）：是否\n"
    file, diagnostics = parse_source(Source("甲.rules", text))
    assert file.declarations == ()
    assert [broken.declares[0].text for broken in file.broken] == ["项目", "甲", "乙"]
    assert len(diagnostics) == 1


def test_fields_under_an_object_glued_to_its_name_are_not_told_again() -> None:
    _, diagnostics = parse_source(
        Source("甲.rules", "对象项目（project）\n  字段 甲（a）：是否\n  字段 乙（b）：是否\n")
    )
    assert [diagnostic.code for diagnostic in diagnostics] == ["E120"]


def test_too_many_errors_are_cut() -> None:
    for text in ("规则 甲 当\n" * 3000, "“\n" * 3000, "规则甲\n" * 3000, f"规则 甲 {'当 乙 ' * 3000}"):
        _, diagnostics = parse_source(Source("甲.rules", text))
        assert len(diagnostics) == 501
        assert [diagnostic.code for diagnostic in diagnostics].index("E140") == 500


@pytest.mark.parametrize("written", ["{新线 = 58%}", "{ 新线 = 58% }", "｛新线＝58%｝"])
def test_a_named_number_in_a_setting_is_answered_with_the_value(written: str) -> None:
    upper = (
        "对象 项目（project）\n  字段 率（r）：比例\n参数 线（line）：比例 缺省 60%\n提示 看\n  当 率 < 线\n  说 “低”\n"
    )
    _, found = try_policy_from_text(upper, f"设定 线 为 {written}\n")
    assert [(one.code, one.remedy) for one in found] == [
        ("E130", "设定的就是一个值，不另起名，也不用花括号，写成“为 58%”")
    ]
    assert try_policy_from_text(upper, "设定 线 为 58%\n")[1] == ()
