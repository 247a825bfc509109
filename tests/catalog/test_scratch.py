from tests.shop import send
import json, time, pathlib, pytest
from chalicelib.store.meter import metering
@pytest.mark.emulator
def test_it(live_shop):
    shop=live_shop
    f = json.loads(pathlib.Path("../shared/data/catalogue.json").read_text())
    for n in range(3):
        t=time.time()
        r = shop.admin.post("/v1/admin/products/import", f, headers={"x-debug-cost":"1"})
        print(time.time()-t, r.status, r.text[:2000], r.headers.get("x-cost"))
        if n==1:
            f["products"][3]["title"]+="!"
    print(shop.stock("sku_"+"0"*26))
    seen=[]; cur=None; costs=[]
    while True:
        u="/v1/products?limit=20"+(f"&cursor={cur}" if cur else "")
        r=shop.admin.get(u, headers={"x-debug-cost":"1"}); costs.append(r.headers.get("x-cost")); seen+= [x["id"] for x in r.json["data"]]; cur=r.json["next_cursor"]
        if not cur: break
    print(len(seen), len(set(seen)), costs)
    print(json.dumps(r.json["data"][0],ensure_ascii=False))
    c=shop.admin.get("/v1/categories"); print(c.text[:600])
