"""An .xls of Excel 97, as an old office system still writes them."""

from __future__ import annotations

import base64
import zlib

from matcher.catalogue.importing.reading import read_table
from matcher.records import Parameter
from tests.matcher.catalogue.importing.files import previewed

#: A sheet 名录 with a title merged over three columns, headings, and an operator merged down two rows.
_PACKED = (
    "c-rk)O-NKx6#nj;8RrLQoUt(&0}&xpQ<w^&jZOvSCMV6LUz{{&5sJoCi)m4o%}RoxRnbOp)5dC3Ng=gs5g0}UK`>LaYLP*KgwE@n^WLMeX5m0d"
    "#`_-c+;h**yXW0|?s-2i=R(=Z`_(!8f_6BN*S#n!kSRL7RwoG3>pHVm>!DM(v993t&_b5E@Yw&t&1=Z(or8vZ&Syk{_jI1X8N^3NlC^7yJrYB|"
    ";uzY9D%>VX01=6*Qs^n68-(5!%O^s2iR7BlHnPpCW0;G@n|7L6d_=1gT>yODhvM^AB->Dh=bXitt}DaVh25#s{lovJqQ+T{DbTugBuA2|{^2ab"
    "w189irq=>rt)2R`)|RiWT!G|^E9LGY@*A2H7=wON5<G))umI4M|4?sY2?;5w9@&<vCH{KiY~Ml;tDH~<yO1XKd*AFtZ%^j|7u3x0&*=v2M<bPQ"
    "wf#IB5py&?+`Y(5B+e2_nAT`ZYcv}5aYdI35L{6K{IWAB91NmD_>k<6AO*8@=gWNOKvygwk}(O-cs6X7=yhCX4{{EOM(&8h0h+{PtI#WQ)lI@z"
    "3k_3NQ(NCvWitE5#pbGL>uH=Ff>*IE1$+bXnNQu1YBC>Ujl@rP<SvA#-^3<SN6)H3^5<h5&8k`5y2+S{S*<eb$UC8t-)f3S3!1U(<^!+-%kT*s"
    "5;`kAo*kYawpT^$mDn>ide&?jJ&k$}b2P1pw<g|B)81GM7xgY`++*)~x8dz5;_VRcGKtm0Ng<IK8usNS|0wgIiB_4(si9q~!~-6j>giATV8ezD"
    "8#Zj%uwi38L&>|I@qW(lm@e}Rz-|85S*9~@|0elwaS)?)oTCrZy%?c3g>*^zvk@+3T}!Rf$NFE$I839bFoXe#W2of(r7ss%ct5Ll4F0(-RO<No"
    "QsVr}<NpA>9^UE"
)
OLD = zlib.decompress(base64.b85decode(_PACKED))


def test_an_old_workbook_is_read_with_its_merged_cells() -> None:
    table = read_table("名录.xls", OLD)
    assert (table.format, table.sheets[0].name, table.sheets[0].height) == ("xls", "名录", 4)
    rows = list(table.sheets[0].rows())
    assert rows[0].cells == ("中试平台名录",) * 3
    assert rows[3].cells == ("丙平台", "乙公司", "50-5000")
    assert rows[3].inherited == {1}


def test_an_old_workbook_is_previewed() -> None:
    found = [row.listing for row in previewed(OLD).rows]
    assert [(one.name, one.operator) for one in found if one] == [("甲平台", "乙公司"), ("丙平台", "乙公司")]
    assert found[1] is not None
    assert found[1].parameters == (Parameter("容积", 50, 5000, "L"),)
